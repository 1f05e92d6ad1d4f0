"""An echo as Channels' tutorial builds it, in a project that has a channel layer."""

from __future__ import annotations

from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

django.setup()


class StockConsumer(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=text_data)


routes: Any = [re_path(r"", StockConsumer.as_asgi())]
application = ProtocolTypeRouter({"websocket": URLRouter(routes)})
