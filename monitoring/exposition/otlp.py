"""Pushes this node's totals to an OTLP receiver from a separate thread, so that a slow receiver delays nothing here."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from django.core.exceptions import ImproperlyConfigured

from monitoring.core.cancel import cancel_and_wait
from monitoring.core.identity import Identity
from monitoring.extras import MissingExtraError, needed
from monitoring.fleet.totals import NodeTotals, decode
from monitoring.fleet.totals_writer import NodeTotalsSink
from monitoring.parsers import presentable

logger = logging.getLogger(__name__)

PUSH_SECONDS = 10.0
STOP_SECONDS = 2.0
THREAD = "OtlpPush"

Export = Callable[[NodeTotals], str]
"""Sends totals; returns what went wrong, or nothing."""


class OtlpPush:
    """Pushes the totals since the start every ten seconds, so that the next push makes up for a failed one.

    `pushed` and `failures` count pushes; `skipped` counts those left out because the one before had not ended. The
    first failure in a row is logged.
    """

    def __init__(self, totals: NodeTotalsSink, export: Export) -> None:
        self.pushed = self.failures = self.skipped = 0
        self._totals = totals
        self._export = export
        self._fails = False
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._busy = False
        # A daemon thread, because a hanging receiver must not keep the process from ending.
        self._thread = Thread(target=self._push_all, name=THREAD, daemon=True)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._thread.start()
        self._task = asyncio.create_task(self._run(), name=THREAD)

    async def stop(self) -> None:
        """Pushes a last time, for which it waits two seconds at most."""
        if self._task is not None:
            await cancel_and_wait(self._task)
        self._hand_over()
        self._waiting.put(None)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while self._thread.is_alive():  # noqa: ASYNC110 - a thread tells no event loop that it has ended
                    await asyncio.sleep(0.01)
        except TimeoutError:
            logger.warning("The OTLP receiver does not answer, so it misses this node's last totals")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PUSH_SECONDS)
            self._hand_over()

    def _hand_over(self) -> None:
        if not self._totals.ticked:
            return
        if self._busy or not self._waiting.empty():
            self.skipped += 1
        else:
            self._waiting.put(self._totals.snapshot(time.time()))

    def _push_all(self) -> None:
        while (snapshot := self._waiting.get()) is not None:
            self._busy = True
            self._push(snapshot)
            self._busy = False

    def _push(self, snapshot: bytes) -> None:
        try:
            wrong = self._export(decode(snapshot))
        except Exception as error:  # whatever the library raises: if this thread died, the pushes would end
            wrong = str(error) or type(error).__name__
        if not wrong:
            self.pushed += 1
        else:
            self.failures += 1
            if not self._fails:
                logger.warning("The OTLP receiver rejects this node's totals: %s", wrong)
        self._fails = bool(wrong)


def exporter(endpoint: str, identity: Identity) -> Export:
    """A sender of a node's totals to a URL. Raises ImproperlyConfigured if its packages are missing."""
    return exporter_class(endpoint)(endpoint, identity)


def exporter_class(endpoint: str) -> Callable[[str, Identity], Export]:
    """The class of the senders. Raises ImproperlyConfigured if its packages are missing."""
    try:
        with needed("opentelemetry"):
            from monitoring.exposition.otlp_export import Exporter
    except MissingExtraError as missing:
        raise ImproperlyConfigured(f"AVATAR_OTLP_ENDPOINT={presentable(endpoint)}: {missing}") from missing
    return Exporter
