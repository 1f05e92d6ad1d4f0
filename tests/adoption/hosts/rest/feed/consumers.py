import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from feed.models import Message


class FeedConsumer(AsyncWebsocketConsumer):
    groups = ["feed"]

    async def connect(self):
        if self.scope["user"] is None:
            await self.close(code=4001)
        else:
            await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        await self.keep(text_data)
        await self.channel_layer.group_send("feed", {"type": "news", "text": text_data})

    async def news(self, event):
        await self.send(json.dumps({"author": self.scope["user"].get_username(), "text": event["text"]}))

    @database_sync_to_async
    def keep(self, text):
        Message.objects.create(author=self.scope["user"], text=text)
