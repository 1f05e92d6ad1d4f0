"""BEAT in hosts' settings and with their Celery applications."""

import subprocess
import sys
from datetime import UTC, datetime
from unittest import mock

import pytest
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler

from monitoring import BEAT, tasks

SETTINGS = """
import sys
from monitoring import BEAT
assert len(BEAT) == 4
from django.conf import settings
assert not settings.configured
print([name for name in ("channels", "redis", "django.db", "psycopg") if name in sys.modules])
"""
WITHOUT_CELERY = """
import sys
sys.modules["celery"] = None
import monitoring
try:
    monitoring.BEAT
except ImportError as error:
    print(error)
"""


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_settings_module_may_import_it():
    """It reads no settings and connects to nothing."""
    assert run(SETTINGS) == "[]"


def test_without_celery_it_says_what_to_install():
    assert run(WITHOUT_CELERY) == (
        "BEAT: celery is not installed: pip install celery, or the extra avatar-monitoring[celery]; without Celery, "
        "run `manage.py store_history --loop`"
    )


@pytest.fixture(params=[{}, {"timezone": "Asia/Kolkata"}, {"timezone": "America/New_York", "enable_utc": False}])
def host(request):
    """A host's Celery application that only speaks JSON, and routes our tasks to a queue of its own."""
    app = Celery("host", broker="memory://", set_as_current=False)
    app.conf.update(
        request.param,
        beat_schedule=dict(BEAT),
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        task_routes={"avatar_monitoring.*": {"queue": "low"}},
        task_create_missing_queues=True,
    )
    return app


def sent(app: Celery, send) -> list[dict]:
    """What Celery would hand to the broker."""
    messages = []

    def hand_over(_producer, name, message, **more) -> None:
        queue = more.get("queue")
        messages.append({"task": name, "queue": getattr(queue, "name", queue), **message.headers})

    with mock.patch.object(app.amqp, "send_task_message", hand_over):
        send()
    return messages


def seconds_from_now(text: str) -> float:
    return (datetime.fromisoformat(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()


def test_beat_sends_each_task_in_time_whatever_the_hosts_time_zone(host):
    scheduler = Scheduler(app=host)
    scheduler.merge_inplace(host.conf.beat_schedule)
    entries = [scheduler.schedule[name] for name in BEAT]
    messages = sent(host, lambda: [scheduler.apply_async(entry, advance=False) for entry in entries])
    assert [message["task"].partition(".")[2] for message in messages] == [
        "store_snapshots",
        "roll_up",
        "prune",
        "deliver_notices",
    ]
    assert {message["queue"] for message in messages} == {"low"}
    for message, (eta, expires) in zip(messages, [(3, 50), (8, 50), (20, 3_000), (11, 50)], strict=True):
        assert eta - 20 < seconds_from_now(message["eta"]) <= eta
        assert expires - 20 < seconds_from_now(message["expires"]) <= expires


def test_a_minutely_task_is_due_within_a_minute_in_any_time_zone(host):
    for name, entry in BEAT.items():
        due = ScheduleEntry(name, app=host, **entry).is_due()
        assert due.next <= (60 if name != "avatar-monitoring-prune" else 3_600)


@pytest.mark.parametrize("task", [tasks.store_snapshots, tasks.roll_up, tasks.prune], ids=lambda task: task.name)
def test_a_scheduler_that_forgets_options_sends_each_task_in_time(task):
    """As django-celery-beat does, whose tables hold no countdown."""
    (message,) = sent(task.app, task.delay)
    entry = next(entry for entry in BEAT.values() if entry["task"] == task.name)
    assert 0 < seconds_from_now(message["eta"]) <= entry["options"]["countdown"]
    assert seconds_from_now(message["expires"]) <= entry["options"]["expires"]


@pytest.mark.django_db
def test_an_eager_host_runs_it_at_once(redis_url):
    task = tasks.store_snapshots
    task.app.conf.task_always_eager, before = True, task.app.conf.task_always_eager
    try:
        assert task.delay().get() == "stored 0 batches into 0 minutes"
    finally:
        task.app.conf.task_always_eager = before


@pytest.mark.django_db
def test_without_redis_a_task_has_nothing_to_do(settings):
    settings.REDIS_URL = None
    assert tasks.store_snapshots() == "nothing to store: the setting REDIS_URL is missing"
