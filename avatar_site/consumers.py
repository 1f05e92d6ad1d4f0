"""The avatars' WebSocket: the protocol of an avatar in a room. It counts nothing: the recorder around it does."""

from __future__ import annotations

import time

from avatar_site.admission import ORIGIN, RefusedError, admit
from avatar_site.protocol import Incoming, Ping, Pong, Pose, Subscribe, Telemetry, decode, encode, relayed
from avatar_site.rooms import Rooms
from monitoring import conf, runtime
from monitoring.consumers import SocketConsumer
from monitoring.core.outgoing import Outgoing

CLOSE_NAME_IN_USE = 4409
LOST_SECONDS = 60.0
"""A ping that was not answered for so long will not be."""


class AvatarConsumer(SocketConsumer):
    """One avatar in one room."""

    messages_per_second = 100.0
    messages_at_once = 200.0
    max_waiting = 256
    is_droppable = False

    def __init__(self, rooms: Rooms) -> None:
        self.client_id = ""
        self.last_pose: Outgoing | None = None
        self._rooms = rooms
        self._room = ""
        self._hub = runtime.current().hub
        self._pings = 0
        self._pinged_at: float | None = None

    async def connect(self) -> None:
        try:
            admission = admit(self.scope)
            if self._rooms.is_taken(admission.client_id):
                raise RefusedError(CLOSE_NAME_IN_USE, "in_use", f"client_id={admission.client_id!r} is in use")
        except RefusedError as refused:
            await self._refuse(refused)
            return
        await self.accept()
        self.client_id, self._room = admission.client_id, admission.room
        self.open_outbox()
        self.offer(encode("welcome", client_id=self.client_id, metrics_interval=conf.current().metrics_interval))
        self._rooms.join(self._room, self)
        self.connection.pinged_by(self)

    async def _refuse(self, refused: RefusedError) -> None:
        if refused.cause == ORIGIN:
            self.turn_away(refused.cause)
            await self.close(1000)
        else:
            await self.refuse(refused.cause, refused.code, str(refused))

    async def receive(self, text: str) -> None:
        self._handle(decode(text), text)

    def ping(self) -> None:
        """Measures a round trip, where the server cannot do it itself; one that is under way is let finish."""
        now = time.perf_counter()
        if self._pinged_at is None or now - self._pinged_at > LOST_SECONDS:
            self._pings += 1
            self._pinged_at = now if self.offer(encode("ping", id=self._pings)) else None

    def left(self) -> None:
        self._rooms.leave(self._room, self)
        if self._hub is not None:
            self._hub.unsubscribe(self.connection.client_id)

    def _handle(self, message: Incoming, text: str) -> None:
        match message:
            case Ping():
                self.offer(encode("pong", t=message.t, server_time=time.time()))
            case Pong():
                self._measure(message.id)
            case Telemetry():
                self.connection.frames(
                    message.fps,
                    message.frame_time_ms,
                    low_fps=message.low_fps,
                    long_frames=message.long_frames,
                    hidden=message.hidden,
                )
            case Subscribe():
                self._subscribe()
            case _:
                others = relayed(text, self.client_id)
                is_pose = isinstance(message, Pose)
                if is_pose:
                    self.last_pose = others
                self._rooms.relay(self._room, self, others, is_pose=is_pose)

    def _measure(self, number: int) -> None:
        if number == self._pings and self._pinged_at is not None:
            self.connection.latency((time.perf_counter() - self._pinged_at) * 1000)
            self._pinged_at = None

    def _subscribe(self) -> None:
        if self._hub is not None:
            self._hub.subscribe(self.connection.client_id, self.offer)
        else:
            self.offer(encode("error", code="disabled", message="Monitoring is switched off"))
