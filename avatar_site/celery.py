"""The Celery application: one queue of the site's own, and what it does each minute and each hour."""

import gc
import logging
import os
import sys
import time
from typing import Any

import django
from celery import Celery
from celery.apps import worker
from celery.beat import Scheduler as CeleryScheduler
from celery.schedules import crontab
from celery.signals import beat_init, setup_logging, worker_init, worker_ready
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration.private_files import PRIVATE_UMASK
from avatar_site.logs import handler
from avatar_site.logs.events import FORMATS, LogEvent
from avatar_site.supervisor import pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")

RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)
app = Celery("avatar_site")
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


def of_this_site() -> dict[str, Any]:
    """Keeps all of Celery's keys apart from those of other sites on the same Redis.

    Waits for a database that is away or not yet migrated, if it is to tell the site's name: without it there is nothing
    to do here.
    """
    django.setup()
    # These need Django to be set up.
    from monitoring.site import SiteUnknownError, key_of, name

    is_said = False
    while True:
        try:
            return {"broker_transport_options": {"global_keyprefix": key_of(name(), "celery:")}}
        except SiteUnknownError as error:
            if not is_said:
                logger.warning("Waiting for the database. %s", error)
            is_said = True
            time.sleep(RETRY_SECONDS)


handler.begin()
try:
    FORM = settings.AVATAR_LOG_FORMAT
except ImproperlyConfigured as error:
    sys.exit(f"Configuration error: {error}")

app.config_from_object("django.conf:settings", namespace="CELERY")
# Not asked for before the configuration is needed: Django may not be set up yet.
app.add_defaults(of_this_site)
app.autodiscover_tasks()


@setup_logging.connect
def _log(loglevel: int | None = None, **_: Any) -> None:
    """Instead of what Celery would do: it takes the root logger's handlers away, and writes lines of its own kind."""
    handler.configure_celery(settings.LOGGING, loglevel)


def _say(text: str, _: Any = None) -> None:
    """Instead of Celery's, of what it says in a signal's handler, where a log's lock may be held."""
    os.write(2, f"{FORMATS[FORM](LogEvent(text))}\n".encode())


worker.safe_say = _say  # type: ignore[attr-defined]


@worker_init.connect
@beat_init.connect
def _begins(**_: Any) -> None:
    os.umask(PRIVATE_UMASK)
    # Taking apart all that was imported is most of the work of a process's end, and of no use.
    gc.freeze()


@worker_ready.connect
def _works(**_: Any) -> None:
    """A task may take long, and a Redis that is away longer: neither means that the worker hangs."""
    pulse.own().start_thread()


class Scheduler(CeleryScheduler):
    """Keeps in memory when each task was last due: the tasks take up where they last ended, whenever that was.

    A file of it would be of no use to them, and which library writes it, when, and whether two may open it differs from
    one Python to the next.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        seconds: float = super().tick(*arguments, **options)
        pulse.own().beat()
        return seconds
