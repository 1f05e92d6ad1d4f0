"""The avatars' WebSocket: the protocol of an avatar in a room. It counts nothing: the recorder around it does."""

from __future__ import annotations

import time
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from avatar_site.admission import RefusedError, admit
from avatar_site.heartbeat import Heartbeat
from avatar_site.protocol import Incoming, Ping, Pong, Pose, Subscribe, Telemetry, decode, encode, relayed
from avatar_site.rooms import Rooms
from monitoring import conf, runtime
from monitoring.core.bucket import TokenBucket
from monitoring.core.connection import connection_of
from monitoring.core.outbox import Outbox

MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 100.0, 200.0
BAD_MESSAGES = 10
MAX_WAITING = 256

CLOSE_BAD_MESSAGES, CLOSE_NAME_IN_USE, CLOSE_TOO_MANY = 4400, 4409, 4429


class AvatarConsumer(AsyncConsumer):
    """One avatar."""

    # No channel layer: one that is away must not end the avatar. Rooms reach other nodes by a bus of their own.
    channel_layer_alias = "__none__"

    rooms: Rooms
    heartbeat: Heartbeat

    def __init__(self, rooms: Rooms, heartbeat: Heartbeat) -> None:
        self.rooms = rooms
        self.heartbeat = heartbeat
        self.client_id = ""
        self.last_pose: str | None = None
        self._room = ""
        self._bucket = TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._bad_messages = 0
        self._pings = 0
        self._pinged_at: float | None = None
        self._outbox: Outbox | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._connection = connection_of(scope)
        self._hub = runtime.current().hub
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in a handler of disconnects, because a server that stops cancels without one.
            self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels', but without its hop to a thread for each message."""
        kind = message["type"]
        if kind == "websocket.receive":
            await self._receive(message.get("text") or "")
        elif kind == "websocket.connect":
            await self._connect()
        elif kind == "websocket.disconnect":
            raise StopConsumer

    def offer(self, text: str) -> bool:
        """Sends a text without waiting; the oldest of 256 that wait makes room for it."""
        return self._outbox is not None and self._outbox.offer(text)

    def ping(self) -> None:
        """Measures a round trip; one that is under way is let finish."""
        if self._pinged_at is None:
            self._pings += 1
            self._pinged_at = time.perf_counter()
            self.offer(encode("ping", id=self._pings))

    async def _connect(self) -> None:
        await self.send({"type": "websocket.accept"})
        try:
            admission = admit(self.scope)
            if self.rooms.is_taken(admission.client_id):
                raise RefusedError(CLOSE_NAME_IN_USE, f"client_id={admission.client_id!r} is in use")
        except RefusedError as refused:
            await self._error("refused", str(refused))
            await self._close(refused.code)
            return
        self.client_id, self._room = admission.client_id, admission.room
        self._outbox = Outbox(self._text, MAX_WAITING)
        self.offer(encode("welcome", client_id=self.client_id, metrics_interval=conf.current().metrics_interval))
        self.rooms.join(self._room, self)
        self.heartbeat.add(self)

    async def _receive(self, text: str) -> None:
        if self._outbox is None:
            return
        if not self._bucket.take():
            await self._error("too_many_messages", f"allowed are {MESSAGES_PER_SECOND:.0f} messages a second")
            await self._close(CLOSE_TOO_MANY)
            return
        try:
            message = decode(text)
        except ValueError as error:
            await self._bad_message(str(error))
            return
        self._handle(message, text)

    def _handle(self, message: Incoming, text: str) -> None:
        match message:
            case Ping(t):
                self.offer(encode("pong", t=t, server_time=time.time()))
            case Pong(number):
                self._measure(number)
            case Telemetry():
                self._connection.frames(message.fps, message.frame_time_ms)
            case Subscribe():
                self._subscribe()
            case _:
                others = relayed(text, self.client_id)
                if isinstance(message, Pose):
                    self.last_pose = others
                self.rooms.relay(self._room, self, others)

    def _measure(self, number: int) -> None:
        if number == self._pings and self._pinged_at is not None:
            self._connection.latency((time.perf_counter() - self._pinged_at) * 1000)
            self._pinged_at = None

    def _subscribe(self) -> None:
        if self._hub is not None:
            self._hub.subscribe(self._connection.client_id, self.offer)
        else:
            self.offer(encode("error", code="disabled", message="Monitoring is switched off"))

    async def _bad_message(self, why: str) -> None:
        self._bad_messages += 1
        await self._error("bad_message", why)
        if self._bad_messages >= BAD_MESSAGES:
            await self._close(CLOSE_BAD_MESSAGES)

    async def _text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _error(self, code: str, message: str) -> None:
        await self._text(encode("error", code=code, message=message))

    async def _close(self, code: int) -> None:
        self._leave()
        await self.send({"type": "websocket.close", "code": code})

    def _leave(self) -> None:
        if self._outbox is None:
            return
        self._outbox.close()
        self._outbox = None
        self.rooms.leave(self._room, self)
        self.heartbeat.remove(self)
        if self._hub is not None:
            self._hub.unsubscribe(self._connection.client_id)
