from channels.generic.websocket import AsyncJsonWebsocketConsumer


class GuestConsumer(AsyncJsonWebsocketConsumer):
    groups = ["guests"]

    async def connect(self):
        if self.scope["user"].is_authenticated:
            await self.accept(subprotocol="guests" if "guests" in self.scope["subprotocols"] else None)
        else:
            await self.close()

    async def receive_json(self, content):
        await self.channel_layer.group_send("guests", {"type": "guest.says", "content": content})

    async def guest_says(self, event):
        await self.send_json({"who": self.scope["user"].email, "says": event["content"]})
