"""One server's ASGI lifespan, for the application and for the parts that run beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from monitoring.core.asgi_types import ASGIApplication, Message, Receive, Scope, Send

Step = Callable[[], Awaitable[None]]

STARTUP, SHUTDOWN = "lifespan.startup", "lifespan.shutdown"
COMPLETE, FAILED = ".complete", ".failed"


class Lifespan:
    """Starts the parts before the application starts up, and stops them after it has shut down.

    The application gets the server's messages and gives its own answers; what it raises passes on. An application that
    knows no lifespan raises or returns before it takes the first message: then the server is answered without it.
    """

    def __init__(self, start: Step, stop: Step, receive: Receive, send: Send) -> None:
        self._start = start
        self._stop = stop
        self._receive = receive
        self._send = send
        self._taken: set[str] = set()
        self._answered: set[str] = set()

    async def run(self, app: ASGIApplication, scope: Scope) -> None:
        try:
            await app(scope, self.receive, self.send)
        except Exception:
            if self._taken:
                raise
        for step in (STARTUP, SHUTDOWN):
            if step not in self._answered:
                await self._answer(step)
            if step + FAILED in self._answered:
                return

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken.add(message["type"])
        if message["type"] == STARTUP:
            await self._start()
        return message

    async def send(self, message: Message) -> None:
        kind = str(message["type"])
        if kind.startswith(SHUTDOWN) or kind == STARTUP + FAILED:
            await self._stop()
        self._answered |= {kind, kind.removesuffix(COMPLETE).removesuffix(FAILED)}
        await self._send(message)

    async def _answer(self, step: str) -> None:
        """Answers for an application that does not, or does not any more."""
        while step not in self._taken:
            await self.receive()
        await self.send({"type": step + COMPLETE})
