"""The avatar site, whose consumer takes as long for a move as the move says, with a page that blocks the event loop."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from avatar_site import asgi
from avatar_site.consumers import AvatarConsumer
from tests.faults.troubles import BLOCK

receive_at_once = AvatarConsumer.receive


async def receive_slowly(self: AvatarConsumer, text: str) -> None:
    if '"takes"' in text:
        await asyncio.sleep(json.loads(text)["takes"])
    await receive_at_once(self, text)


AvatarConsumer.receive = receive_slowly  # type: ignore[method-assign]


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"].startswith(BLOCK):
        time.sleep(float(scope["path"].removeprefix(BLOCK)) / 1_000)  # noqa: ASYNC251 - that is the trouble
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    else:
        await asgi.application(scope, receive, send)
