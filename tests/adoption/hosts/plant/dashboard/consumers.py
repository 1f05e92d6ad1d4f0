from channels.generic.websocket import AsyncJsonWebsocketConsumer


class MetricsConsumer(AsyncJsonWebsocketConsumer):
    """The plant's own numbers, for everybody."""

    async def connect(self):
        await self.accept()
        await self.send_json({"type": "metrics", "machines": 1})

    async def receive_json(self, content):
        await self.send_json({"type": "metrics", "asked": content})
