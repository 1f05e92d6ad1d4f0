"""A project that names its clients in the way that each connection's query asks for."""

from __future__ import annotations

import asyncio
import atexit
import os
from typing import Any
from urllib.parse import parse_qs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")

from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

from monitoring import Client, connection_of, django_user, monitored

http = get_asgi_application()

from django.contrib.auth.models import User  # noqa: E402 - needs Django to be set up

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey  # noqa: E402 - reads the settings


def identify(scope: dict[str, Any]) -> Any:
    query = parse_qs(scope["query_string"].decode())
    match query.get("by", [""])[0]:
        case "session":
            return django_user(scope)
        case "database":
            return Client(user=User.objects.get(username=query["name"][0]), room="stored")
        case "query":
            return Client(query["name"][0], user=query["name"][0], room="김하늘의 방")
        case "bad":
            return {"id": "ann"}
        case "error":
            raise KeyError("user")
        case "never":
            return asyncio.Event().wait()
    return None


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command, _, value = (text_data or "").partition(" ")
        if command == "enter":
            connection_of(self.scope).identify(room=value)
        await self.send(text_data, bytes_data)


class SyncEcho(WebsocketConsumer):
    def connect(self) -> None:
        connection_of(self.scope).identify(id="threaded", user="thread")
        self.accept()

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        connection_of(self.scope).identify(room=text_data)
        self.send(text_data)


if settings.EMBEDDED_VALKEY:
    valkey = EmbeddedValkey(settings.DATA_DIR)
    if valkey.ensure():
        atexit.register(valkey.stop)
# Channels' URLs hold ASGI applications, which Django's types do not know.
routes: list[Any] = [path("ws/", Echo.as_asgi()), path("ws/sync/", SyncEcho.as_asgi())]
application = monitored(ProtocolTypeRouter({"http": http, "websocket": URLRouter(routes)}), identify=identify)
