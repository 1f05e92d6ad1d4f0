"""Asks that the journal be stored at once when it holds the beginning or the end of an alert.

Two ways, and whoever listens to one of them stores: a Celery task, if this process has the application that stores the
journal each minute, and a list on Redis on which `store_history --loop` waits. If nobody listens, or a request is lost,
the next minute stores it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from monitoring.core.cancel import cancel_and_wait
from monitoring.fleet import store_request
from monitoring.journal.wake_list import wake_key
from monitoring.node_redis import NodeRedis
from monitoring.site import known_name

logger = logging.getLogger(__name__)

PAUSE = 1.0
"""Between two requests: one run stores all that has come until then."""

LONGEST_PAUSE = 60.0
SEND_SECONDS, STOP_SECONDS = 3.0, 2.0

App = Callable[[], Any]


class PromptStoring:
    """`ask` never waits; a task of its own passes the request on, at most once a second.

    `failures` counts the requests that failed, by the way that they took; the first in a row is logged, and later ones
    wait up to a minute.
    """

    def __init__(
        self, redis_url: str, *, app: App = store_request.scheduling_app, send: Callable[[Any], None] | None = None
    ) -> None:
        self.failures = {"redis": 0, "celery": 0}
        self._app, self._send = app, send or store_request.send
        self._redis = NodeRedis(redis_url)
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._thread = OneThread()
        self._broker = WayOut("celery", self.failures)
        self._list = WayOut("redis", self.failures)

    def ask(self) -> None:
        """The journal now holds a beginning or an end of an alert."""
        self._asked.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="PromptStoring")

    async def stop(self) -> None:
        """Passes a last request on, for which it waits two seconds at most."""
        if self._task is not None:
            await cancel_and_wait(self._task)
        if self._asked.is_set():
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._pass_on()
            except TimeoutError:
                logger.debug("Nobody was told to store the last alerts; the next minute stores them")
        await self._redis.close()

    async def _run(self) -> None:
        while True:
            await self._asked.wait()
            await self._pass_on()
            await asyncio.sleep(PAUSE)

    async def _pass_on(self) -> None:
        self._asked.clear()
        await asyncio.gather(self._wake_loop(), self._wake_worker())

    async def _wake_loop(self) -> None:
        if not self._list.is_open:
            return
        try:
            key = wake_key(await known_name())
            async with self._redis.calling() as redis, redis.pipeline(transaction=False) as pipe:
                # One entry wakes one reader, which stores everything.
                pipe.lpush(key, "1")
                pipe.ltrim(key, 0, 0)
                await pipe.execute()
        except Exception as error:  # whatever a client raises: if this task died, nobody would be asked any more
            self._list.failed(error)
        else:
            self._list.works()

    async def _wake_worker(self) -> None:
        if not self._broker.is_open:
            return
        try:
            app = self._app()
            if app is not None:
                await self._thread.run(lambda: self._send(app), SEND_SECONDS)
        except Exception as error:
            self._broker.failed(error)
        else:
            self._broker.works()


class WayOut:
    """One way by which requests go: whether it is to be tried now, and what has failed."""

    def __init__(self, name: str, failures: dict[str, int]) -> None:
        self._name, self._failures = name, failures
        self._in_a_row = 0
        self._retry_at = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() >= self._retry_at

    def failed(self, error: Exception) -> None:
        self._failures[self._name] += 1
        self._in_a_row += 1
        self._retry_at = time.monotonic() + min(PAUSE * 2 ** min(self._in_a_row, 10), LONGEST_PAUSE)
        if self._in_a_row == 1:
            logger.warning(
                "Cannot ask by %s that alerts be stored at once; the next minute stores them: %s",
                self._name.capitalize(),
                str(error) or type(error).__name__,
            )

    def works(self) -> None:
        self._in_a_row, self._retry_at = 0, 0.0


class OneThread:
    """Runs one piece of work at a time in a thread that nothing else waits for: no executor, and not the process."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], None], seconds: float) -> None:
        """Raises what the work raises, and TimeoutError if it, or earlier work, takes longer."""
        if self._thread is not None and self._thread.is_alive():
            raise TimeoutError("an earlier request is still waiting")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def run() -> None:
            error = None
            try:
                work()
            except Exception as raised:
                error = raised
            with suppress(RuntimeError):  # the event loop has ended meanwhile
                loop.call_soon_threadsafe(_settle, done, error)

        self._thread = threading.Thread(target=run, name="asking to store alerts", daemon=True)
        self._thread.start()
        try:
            async with asyncio.timeout(seconds):
                await done
        except TimeoutError:
            raise TimeoutError(f"no answer within {seconds:.0f} s") from None


def _settle(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
