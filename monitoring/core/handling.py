"""Calls the operator's own code when alerts begin."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable
from typing import Any, Protocol

from monitoring.core.rescue import Rescue

WHAT = "the alert handler"


class AlertHandler(Protocol):
    """The operator's own code, called once for each alert that begins to fire; it may be a coroutine function."""

    def handle_alert(self, alert: dict[str, Any]) -> Any: ...


class Handling:
    """Calls handlers without waiting for asynchronous ones; their exceptions are counted and logged."""

    def __init__(self, rescue: Rescue) -> None:
        self._rescue = rescue
        self._tasks: set[asyncio.Future[None]] = set()

    def call(self, handler: AlertHandler, alert: dict[str, Any]) -> None:
        with self._rescue.guarding(WHAT):
            outcome = handler.handle_alert(alert)
            if inspect.isawaitable(outcome):
                task = asyncio.ensure_future(self._guarded(outcome))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _guarded(self, outcome: Awaitable[Any]) -> None:
        with self._rescue.guarding(WHAT):
            await outcome
