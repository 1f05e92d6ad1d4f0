from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings

from chat.models import Room


class ChatConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self):
        self.rooms = set()
        if self.scope["user"].is_anonymous:
            await self.close()
        else:
            await self.accept()

    async def receive_json(self, content):
        handler = {"join": self.join, "leave": self.leave, "send": self.say}.get(content.get("command"))
        if handler is None:
            await self.send_json({"error": "UNKNOWN_COMMAND"})
            return
        room = await find_room(content["room"], self.scope["user"])
        if room is None:
            await self.send_json({"error": "ROOM_ACCESS_DENIED"})
        else:
            await handler(room, content)

    async def disconnect(self, code):
        for room_id in list(self.rooms):
            await self.leave(await find_room(room_id, self.scope["user"]), {})

    async def join(self, room, content):
        self.rooms.add(room.id)
        if settings.NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS:
            await self.tell(room, "chat.join")
        await self.channel_layer.group_add(room.group_name, self.channel_name)
        await self.send_json({"join": str(room.id), "title": room.title})

    async def leave(self, room, content):
        self.rooms.discard(room.id)
        await self.channel_layer.group_discard(room.group_name, self.channel_name)
        if settings.NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS:
            await self.tell(room, "chat.leave")
        await self.send_json({"leave": str(room.id)})

    async def say(self, room, content):
        if room.id in self.rooms:
            await self.tell(room, "chat.message", message=content["message"])
        else:
            await self.send_json({"error": "ROOM_ACCESS_DENIED"})

    async def tell(self, room, kind, **more):
        event = {"type": kind, "room_id": room.id, "username": self.scope["user"].username, **more}
        await self.channel_layer.group_send(room.group_name, event)

    async def chat_join(self, event):
        await self.send_json({"msg_type": 4, "room": event["room_id"], "username": event["username"]})

    async def chat_leave(self, event):
        await self.send_json({"msg_type": 5, "room": event["room_id"], "username": event["username"]})

    async def chat_message(self, event):
        await self.send_json(
            {
                "msg_type": 0,
                "room": event["room_id"],
                "username": event["username"],
                "message": event["message"],
            }
        )


@database_sync_to_async
def find_room(room_id, user):
    rooms = Room.objects.all() if user.is_staff else Room.objects.filter(staff_only=False)
    return rooms.filter(pk=room_id).first()
