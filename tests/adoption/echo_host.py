"""A project that echoes, by itself or with the product around it, as the variable HOST says."""

from __future__ import annotations

import os
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

KIND = os.environ["HOST"]

settings.configure(
    SECRET_KEY="only for a test",
    # The app imports daphne.server, whatever server runs.
    INSTALLED_APPS=["daphne", "channels"],
    ASGI_APPLICATION="tests.adoption.echo_host.application",
    AVATAR_MONITORING={"AVATAR_MONITORING_ENABLED": KIND == "enabled"},
)
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402 - needs the settings
from django.urls import path  # noqa: E402

BURST, PART = 64, "x" * 100_000


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command, _, value = (text_data or "")[:20].partition(" ")
        if command == "close":
            await self.close(int(value))
        elif command == "raise":
            raise ValueError("as asked")
        elif command == "burst":
            for _ in range(BURST):
                await self.send(PART)
        else:
            await self.send(text_data, bytes_data)


class SyncEcho(WebsocketConsumer):
    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command, _, value = (text_data or "")[:20].partition(" ")
        if command == "close":
            self.close(int(value))
        elif command == "raise":
            raise ValueError("as asked")
        elif command == "burst":
            for _ in range(BURST):
                self.send(PART)
        else:
            self.send(text_data, bytes_data)


async def counted(scope: Any, receive: Any, send: Any) -> None:
    """What the monitor has counted so far, to anybody who connects."""
    import json

    from monitoring import runtime

    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        metrics = runtime.current().monitor.get_current_metrics()
        await send({"type": "websocket.send", "text": json.dumps(metrics)})


# Channels' URLs hold ASGI applications, which Django's types do not know.
routes: list[Any] = [
    path("async/", Echo.as_asgi()),
    path("sync/", SyncEcho.as_asgi()),
    path("counted/", counted),
]
application: Any = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter(routes)})
if KIND != "plain":
    from monitoring import monitored

    inner = application
    application = monitored(inner, exclude=["/counted/"])
    assert (application is inner) == (KIND == "disabled")
