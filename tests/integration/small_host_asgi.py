"""The small project's ASGI application: a socket for its clients, and one that gets what its monitoring page would."""

from __future__ import annotations

import asyncio

import django

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402 - needs the settings
from channels.routing import URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from monitoring import monitored, runtime  # noqa: E402
from monitoring.core.view import View  # noqa: E402
from monitoring.core.wire.outgoing import Outgoing  # noqa: E402


class Client(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data)


class Watcher(AsyncWebsocketConsumer):
    view, client_id, address_mask = View(), "", str

    async def connect(self) -> None:
        await self.accept()
        runtime.current().hub.join(self)

    async def disconnect(self, code: int) -> None:
        runtime.current().hub.leave(self)

    def offer(self, message: Outgoing) -> bool:
        self.task = asyncio.create_task(self.send(message.text))
        return True

    def offer_frame(self, frame: Outgoing, seq: int) -> bool:
        return self.offer(frame)


routes = URLRouter([path("", Client.as_asgi()), path("watch/", Watcher.as_asgi())])
application = monitored(routes, exclude={"/watch/"})
