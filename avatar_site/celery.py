"""The Celery application: the site's own queue, its tasks of every minute and hour, and a beat without a file."""

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
from celery.signals import beat_init, setup_logging, worker_init, worker_ready
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration.private_files import PRIVATE_UMASK
from avatar_site.logs import handler
from avatar_site.logs.log_event import FORMATS, LogEvent
from avatar_site.supervisor import pulse
from monitoring.schedule import BEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")

RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)
app = Celery("avatar_site")
app.conf.beat_schedule = dict(BEAT)


def of_this_site() -> dict[str, Any]:
    """Separates all of Celery's keys from those of other sites on the same Redis.

    If the database is to tell the site's name, this waits until the database is reachable and migrated: without the
    name there is nothing to do here.
    """
    django.setup()
    # These imports need Django to be set up.
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
# Not called before the configuration is needed: Django may not be set up yet.
app.add_defaults(of_this_site)
app.autodiscover_tasks()


@setup_logging.connect
def _log(loglevel: int | None = None, **_: Any) -> None:
    """Replaces Celery's setup, which removes the root logger's handlers and writes lines in its own format."""
    handler.configure_celery(settings.LOGGING, loglevel)


def _say(text: str, _: Any = None) -> None:
    """Replaces Celery's output in signal handlers, where a log's lock may be held."""
    os.write(2, f"{FORMATS[FORM](LogEvent(text))}\n".encode())


worker.safe_say = _say  # type: ignore[attr-defined]


@worker_init.connect
@beat_init.connect
def _begins(**_: Any) -> None:
    os.umask(PRIVATE_UMASK)
    # Tearing down all imported modules is most of the work when a process ends, and useless.
    gc.freeze()


@worker_ready.connect
def _works(**_: Any) -> None:
    """A task may take long, and a Redis outage longer: neither means that the worker hangs."""
    pulse.own().start_thread()
    # This import needs Django to be set up.
    from avatar_site import stored_on_request

    stored_on_request.start_thread(app)


class Scheduler(CeleryScheduler):
    """Keeps in memory when each task was last due.

    Tasks continue where they last ended, whenever that was, so a file would be of no use. Which library writes that
    file, when, and whether two processes may open it also differs from one Python to the next.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        seconds: float = super().tick(*arguments, **options)
        pulse.own().beat()
        return seconds
