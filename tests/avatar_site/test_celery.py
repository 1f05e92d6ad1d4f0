import gc
import os

import pytest
from celery.signals import beat_init
from kombu.utils.imports import symbol_by_name

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


def test_each_turn_is_reported(heard):
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


def test_imported_modules_are_not_torn_down_at_the_end(monkeypatch):
    """Otherwise a stopping worker and beat take a third of a second of CPU each, and seconds on a busy machine."""
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    umask = os.umask(0o077)
    beat_init.send(sender=None)
    os.umask(umask)
    assert frozen


def test_the_scheduler_is_found_where_units_of_an_earlier_release_look_for_it():
    assert symbol_by_name("avatar_site.beat:Scheduler") is Scheduler
