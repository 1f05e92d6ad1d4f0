import gc
import os

import pytest
from celery.signals import beat_init

from avatar_site.celery import Scheduler, app
from avatar_site.supervisor import pulse
from avatar_site.supervisor.pulse import Pulse


@pytest.fixture
def heard(monkeypatch):
    readable, writable = os.pipe()
    own = Pulse(writable)
    monkeypatch.setattr(pulse, "own", lambda: own)
    os.set_blocking(readable, False)
    yield readable
    os.close(readable)
    os.close(writable)


def test_each_turn_is_said(heard):
    scheduler = Scheduler(app, max_interval=5)
    with pytest.raises(BlockingIOError):
        os.read(heard, 1)
    assert 0 <= scheduler.tick() <= 5
    assert os.read(heard, 100) == b"."


def test_it_keeps_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scheduler = Scheduler(app, max_interval=5, schedule_filename="celerybeat-schedule")
    scheduler.tick()
    scheduler.close()
    assert os.listdir(tmp_path) == []
    assert set(app.conf.beat_schedule) <= set(scheduler.schedule)


def test_what_was_imported_is_not_taken_apart_at_the_end(monkeypatch):
    """Else a worker and a beat that stop take a third of a second of a processor each, on a busy machine seconds."""
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    umask = os.umask(0o077)
    beat_init.send(sender=None)
    os.umask(umask)
    assert frozen
