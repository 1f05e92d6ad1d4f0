"""The Celery application: one queue, and what it does each minute and each hour."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init, worker_ready

from avatar_site import pulse
from avatar_site.private_files import PRIVATE_UMASK

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")

app = Celery("avatar_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Three seconds into the minute every node has handed over the minute before, so it is stored whole at once.
app.conf.beat_schedule = {
    "store-snapshots": {
        "task": "monitoring.tasks.store_snapshots",
        "schedule": crontab(),
        "options": {"countdown": 3, "expires": 50},
    },
    # Whatever was stored until then; what comes later waits for the next minute.
    "roll-up": {
        "task": "monitoring.tasks.roll_up",
        "schedule": crontab(),
        "options": {"countdown": 8, "expires": 50},
    },
    "prune": {
        "task": "monitoring.tasks.prune",
        "schedule": crontab(minute="17"),
        "options": {"countdown": 20, "expires": 3_000},
    },
}


@worker_init.connect
def _begins(**_: Any) -> None:
    os.umask(PRIVATE_UMASK)


@worker_ready.connect
def _works(**_: Any) -> None:
    """A task may take long, and a Redis that is away longer: neither means that the worker hangs."""
    pulse.own().start_thread()
