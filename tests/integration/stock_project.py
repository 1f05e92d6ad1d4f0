"""A project with only Channels and one slow stock consumer; `monitored` is its only line of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(SECRET_KEY="only for a test", INSTALLED_APPS=["channels"])
django.setup()

from monitoring import monitored, runtime  # noqa: E402 - needs the settings

SLOWNESS = 0.02


class StockConsumer(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content: dict[str, Any]) -> None:
        if "metrics" in content:
            await self.send_json(runtime.current().monitor.get_current_metrics())
        elif "letters" in content:
            await self.send_json("x" * content["letters"])
        elif "answers" in content:
            for _ in range(content["answers"]):
                await self.send_json("x" * 1_000)
        else:
            await asyncio.sleep(SLOWNESS)


application = monitored(ProtocolTypeRouter({"websocket": StockConsumer.as_asgi()}), guard=["/guarded/*"])
