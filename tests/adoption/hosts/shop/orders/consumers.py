from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.core.cache import cache

from orders.models import Shelf


class OrderConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("orders", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard("orders", self.channel_name)

    async def receive_json(self, content):
        await cache.aset("last order", content["order"], 60)
        event = {"type": "order.placed", "left": await left(content["order"]), "note": content.get("note", "")}
        await self.channel_layer.group_send("orders", event)

    async def order_placed(self, event):
        await self.send_json({"order": await cache.aget("last order"), "left": event["left"], "note": event["note"]})


@database_sync_to_async
def left(goods):
    return Shelf.objects.get(goods=goods).left
