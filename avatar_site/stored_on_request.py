"""The worker's ear for nodes: they ask over Redis that alerts be stored at once, so servers need not import Celery."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.conf import settings
from redis import RedisError

from monitoring.fleet import store_request
from monitoring.fleet.prompt_storing import PAUSE
from monitoring.journal.wake_list import LONGEST_WAIT, WakeList
from monitoring.site import SiteUnknownError

RETRY_SECONDS = 5.0

logger = logging.getLogger(__name__)


def start_thread(app: Any) -> None:
    """Sends the worker its own task whenever a node asks, until the process ends."""
    threading.Thread(target=_listen, args=(app, WakeList(settings.REDIS_URL)), name="on request", daemon=True).start()


def _listen(app: Any, wake_list: WakeList) -> None:
    while True:
        try:
            if wake_list.wait(LONGEST_WAIT):
                store_request.send(app)
                time.sleep(PAUSE)
        except (RedisError, SiteUnknownError):
            # Whatever else needs Redis or the database says so.
            time.sleep(RETRY_SECONDS)
        except Exception:
            logger.exception("Alerts that a node asked to store wait for the next minute")
            time.sleep(RETRY_SECONDS)
