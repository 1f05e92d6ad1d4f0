"""A project with the pages and a plain consumer; nothing limits or closes its sockets but the server."""

from __future__ import annotations

import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")
http = get_asgi_application()

from monitoring import JsonPing, monitored  # noqa: E402 - needs the settings


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data, bytes_data)


async def breaks(scope: Any, receive: Any, send: Any) -> None:
    """A host's middleware that breaks at everything without a token."""
    if b"token=" not in scope["query_string"]:
        raise IndexError("no token")
    await websockets(scope, receive, send)


# Channels' URLs hold ASGI applications, which Django's types do not know.
routes: list[Any] = [path("ws/echo/", Echo.as_asgi())]
websockets = URLRouter(routes)
application = monitored(ProtocolTypeRouter({"http": http, "websocket": breaks}), ping=JsonPing())
