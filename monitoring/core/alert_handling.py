"""Hands alerts to the operator's own code, which may raise, hang or block without holding up the tick."""

from __future__ import annotations

import asyncio
import inspect
import queue
import threading
from collections.abc import Awaitable
from typing import Any, Protocol

from monitoring.core.rescue import Rescue

WHAT = "the alert handler"
MOST_SECONDS = 10.0
"""For one alert; a coroutine is cancelled after it."""

MOST_WAITING = 100
"""Alerts that wait for a handler; further ones are counted as failures and not handed over."""


Waiting = queue.Queue["tuple[AlertHandler, dict[str, Any], asyncio.AbstractEventLoop]"]


class AlertHandler(Protocol):
    """The operator's own code, called once for each alert that begins to fire; it may be a coroutine function."""

    def handle_alert(self, alert: dict[str, Any]) -> Any: ...


class Handling:
    """Calls handlers and waits for none; what they raise is counted and logged.

    Coroutine functions run on the event loop, for ten seconds at most. Nothing can interrupt a plain function, so it
    runs in a thread of its own, one alert after the other; without a running event loop it is called directly.
    """

    def __init__(self, rescue: Rescue) -> None:
        self._rescue = rescue
        self._tasks: set[asyncio.Future[None]] = set()
        self._waiting: Waiting | None = None

    def call(self, handler: AlertHandler, alert: dict[str, Any]) -> None:
        with self._rescue.guarding(WHAT):
            loop = _running_loop()
            if loop is None or inspect.iscoroutinefunction(handler.handle_alert):
                self._await(handler.handle_alert(alert))
                return
            self._thread().put_nowait((handler, alert, loop))

    def _await(self, outcome: Any) -> None:
        if not inspect.isawaitable(outcome):
            return
        if len(self._tasks) >= MOST_WAITING:
            if inspect.iscoroutine(outcome):
                outcome.close()
            raise RuntimeError(f"{MOST_WAITING} alerts already wait for it")
        task = asyncio.ensure_future(self._guarded(outcome))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, outcome: Awaitable[Any]) -> None:
        with self._rescue.guarding(WHAT):
            async with asyncio.timeout(MOST_SECONDS):
                await outcome

    def _thread(self) -> Waiting:
        if self._waiting is None:
            self._waiting = queue.Queue(MOST_WAITING)
            threading.Thread(target=self._work, args=(self._waiting,), name="AlertHandler", daemon=True).start()
        return self._waiting

    def _work(self, waiting: Waiting) -> None:
        while True:
            handler, alert, loop = waiting.get()
            try:
                outcome = handler.handle_alert(alert)
            except Exception as error:
                self._on(loop, self._failed, error)
            else:
                if inspect.isawaitable(outcome):
                    # A plain function that returns a coroutine means it for the loop.
                    self._on(loop, self._late, outcome)

    @staticmethod
    def _on(loop: asyncio.AbstractEventLoop, call: Any, value: Any) -> None:
        try:
            loop.call_soon_threadsafe(call, value)
        except RuntimeError:
            # The loop was closed: the server has stopped.
            if inspect.iscoroutine(value):
                value.close()

    def _failed(self, error: Exception) -> None:
        with self._rescue.guarding(WHAT):
            raise error

    def _late(self, outcome: Any) -> None:
        with self._rescue.guarding(WHAT):
            self._await(outcome)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
