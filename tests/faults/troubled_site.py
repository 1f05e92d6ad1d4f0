"""The avatar site, whose consumer takes as long for a move as the move says, with a page that blocks the event loop."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from avatar_site import asgi
from avatar_site.consumers import AvatarConsumer
from tests.faults.troubles import BLOCK, LAG

PAUSE = 0.02

receive_at_once = AvatarConsumer.receive


async def receive_slowly(self: AvatarConsumer, text: str) -> None:
    if '"takes"' in text:
        await asyncio.sleep(json.loads(text)["takes"])
    await receive_at_once(self, text)


AvatarConsumer.receive = receive_slowly  # type: ignore[method-assign]


class Clock:
    """Wakes up all the time and notes how late."""

    def __init__(self) -> None:
        self._latest = 0.0
        self._task: asyncio.Task[None] | None = None

    def read(self) -> float:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        latest, self._latest = self._latest, 0.0
        return latest * 1_000

    async def _run(self) -> None:
        while True:
            due = time.monotonic() + PAUSE
            await asyncio.sleep(PAUSE)
            self._latest = max(self._latest, time.monotonic() - due)


clock = Clock()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"].startswith(BLOCK):
        time.sleep(float(scope["path"].removeprefix(BLOCK)) / 1_000)  # noqa: ASYNC251 - that is the trouble
        await answer(send, "")
    elif scope["type"] == "http" and scope["path"] == LAG:
        await answer(send, f"{clock.read():.1f}")
    else:
        await asgi.application(scope, receive, send)


async def answer(send: Any, text: str) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": text.encode()})
