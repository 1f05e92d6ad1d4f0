"""A project whose one socket does what its clients ask for, and tells what is known of any of them."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import msgspec
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")
http = get_asgi_application()

from monitoring import monitored, runtime  # noqa: E402 - needs the settings
from monitoring.core.signal_reading import read_signals  # noqa: E402

CHUNK = bytes(64 * 1024)


async def socket(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        order, _, value = message["text"].partition(" ")
        if order == "hold":
            await asyncio.sleep(float(value))
        elif order == "flood":
            for _ in range(int(value)):
                await send({"type": "websocket.send", "bytes": CHUNK})
        else:
            signals = read_signals(runtime.current().monitor.collector, value)
            await send({"type": "websocket.send", "text": msgspec.json.encode(signals).decode()})


application = monitored(ProtocolTypeRouter({"http": http, "websocket": socket}))
