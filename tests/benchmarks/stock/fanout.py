"""A dashboard as Channels' tutorial builds it: every viewer in one group, one group_send a second.

The text is encoded once and passed on as it is, which is kinder than the usual `send(json.dumps(...))` for each viewer.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from tests.benchmarks.payload import frame_text

django.setup()

GROUP = "dashboard"
TEXT = frame_text()
ticker: asyncio.Task[None] | None = None


class StockConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        global ticker
        if ticker is None:
            ticker = asyncio.create_task(tick())
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def metrics_frame(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


async def tick() -> None:
    layer = get_channel_layer()
    while True:
        await asyncio.sleep(1 - time.time() % 1)
        await layer.group_send(GROUP, {"type": "metrics.frame", "text": TEXT})


routes: Any = [re_path(r"", StockConsumer.as_asgi())]
application = ProtocolTypeRouter({"websocket": URLRouter(routes)})
