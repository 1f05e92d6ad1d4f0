"""A project with one consumer that leaves as it is told, and writes down what is recorded of each session."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

settings.configure(SECRET_KEY="only for a test", INSTALLED_APPS=["channels"])
django.setup()

from monitoring import connection_of, monitored  # noqa: E402 - needs the settings
from monitoring.core.sessions import SessionLog  # noqa: E402
from monitoring.core.wire.link import link_of  # noqa: E402

RECORDS = os.environ["LEAVING_RECORDS"]
"""A file, with a line of JSON for each session."""

_closed = SessionLog.closed


def closed(log: SessionLog, client: Any, *told: Any) -> None:
    _, close_code, ended, cause, error = told
    with open(RECORDS, "a") as file:
        record = {"client": client.client_id, "code": close_code, "ended": ended, "cause": cause, "error": error}
        file.write(json.dumps(record) + "\n")
    _closed(log, client, *told)


SessionLog.closed = closed  # type: ignore[method-assign]


class LeavingConsumer(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content: dict[str, Any]) -> None:
        match content:
            case {"close": code}:
                await self.close(code)
            case {"raise": secret}:
                raise LookupError(secret)
            case {"end": [code, ended]}:
                connection_of(self.scope).end(code, ended)
                await self.close(code)
            case {"abort": _}:
                link = link_of(self.scope)
                assert link is not None
                link.abort()
            case {"answers": count}:
                for _ in range(count):
                    await self.send_json("x" * 1_000)
                    await asyncio.sleep(0)
            case {"echo": text}:
                await self.send_json(text)


async def returning(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


consumer = LeavingConsumer.as_asgi()
routes = URLRouter([re_path("^returning/", returning), re_path("", consumer)])
application = monitored(ProtocolTypeRouter({"websocket": routes}), guard=["/guarded/"])
