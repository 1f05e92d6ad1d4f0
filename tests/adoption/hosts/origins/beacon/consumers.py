from channels.generic.websocket import AsyncWebsocketConsumer


class BeaconConsumer(AsyncWebsocketConsumer):
    """Answers with what it was sent, text with text and bytes with bytes."""

    async def connect(self):
        self.number = self.scope["url_route"]["kwargs"]["number"]
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data and f"{self.number}: {text_data}", bytes_data=bytes_data)
