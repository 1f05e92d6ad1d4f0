"""`monitored(identify=…)` in a Django project: what needs the database is called in the thread for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation

from monitoring.core.identification import Ask, Identification
from monitoring.core.rescue import Rescue


def check(identify: object) -> None:
    """Raises ImproperlyConfigured for what cannot be called."""
    if identify is not None and not callable(identify):
        raise ImproperlyConfigured(f"monitored(identify={identify!r}): must be a function that takes the ASGI scope")


def identification(identify: Ask | None, rescue: Rescue) -> Identification | None:
    if identify is None:
        return None
    return Identification(identify, rescue, in_thread=_in_thread, needs_thread=SynchronousOnlyOperation)


def _in_thread(identify: Ask) -> Callable[[Any], Awaitable[Any]]:
    """It is wrapped when it is called: a coroutine function, which needs no thread, cannot be."""
    return lambda scope: database_sync_to_async(identify)(scope)
