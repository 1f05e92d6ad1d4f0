"""The avatars' WebSocket: the protocol of an avatar in a room. It counts nothing: the recorder around it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from avatar_site.admission import ORIGIN, Admission, NotAdmittedError, admit, resume_token
from avatar_site.claims import Claim
from avatar_site.conflation import Item, ItemKind
from avatar_site.front.addresses import AddressRates, SharedBucket
from avatar_site.mailbox import LinkedMailbox, Mailbox, QueuedMailbox
from avatar_site.protocol import CHANNELS, Incoming, Ping, Pong, Subscribe, decode, encode, kind_of, relayed
from avatar_site.rooms import NAME_IN_USE, REPLACED, Rooms
from monitoring import conf, runtime
from monitoring.consumers import SocketConsumer
from monitoring.core.heartbeat import LOST_SECONDS
from monitoring.core.telemetry import Telemetry
from monitoring.core.wire.link import link_of
from monitoring.core.wire.outgoing import Outgoing

CLOSING_SECONDS = 2.0


class AvatarConsumer(SocketConsumer):
    """One avatar in one room."""

    messages_per_second = 100.0
    messages_at_once = 200.0
    bytes_per_second = 256 * 1024.0
    bytes_at_once = 512 * 1024.0
    max_waiting = 256
    is_droppable = False

    mailbox: Mailbox
    tell: Callable[[Item], bool]
    """The mailbox's own methods, bound directly to save a call; both are set once the avatar is admitted."""

    def __init__(self, rooms: Rooms, rates: AddressRates) -> None:
        self.client_id = ""
        self.claim = Claim()
        self.last_pose: Outgoing | None = None
        self.admission: Admission | None = None
        self._rooms = rooms
        self._rates = rates
        self._of_address: SharedBucket | None = None
        self._room = ""
        self._hub = runtime.current().hub
        self._pings = 0
        self._pinged_at: float | None = None
        self._closing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        try:
            admission = self._admit()
        except NotAdmittedError as refused:
            await self._refuse(refused)
            return
        # A ticket is made for its user's own name.
        self.connection.identify(user=admission.client_id if admission.identity else None, room=admission.room)
        self._rooms.make_way(admission.client_id, admission.holder)
        await self.accept()
        if self._rooms.is_taken(admission.client_id, admission.holder):
            # Closed by another connection that came while this one was being accepted.
            too_late = in_use(admission.client_id)
            await self.send_error("refused", str(too_late))
            await self.close(too_late.code)
            return
        self.admission = admission
        client = self.scope.get("client")
        self._of_address = self._rates.of(client[0] if client else None)
        self.client_id, self._room = admission.client_id, admission.room
        self.open_outbox()
        self.offer(
            encode(
                "welcome",
                client_id=self.client_id,
                metrics_interval=conf.current().metrics_interval,
                resume=resume_token(admission),
                channels=CHANNELS,
            )
        )
        self._rooms.join(self._room, self, admission.holder)
        self.connection.pinged_by(self)

    def open_outbox(self) -> None:
        link = link_of(self.scope)
        if link is None:
            self.mailbox = QueuedMailbox(self.send_offered)
        else:
            self.mailbox = LinkedMailbox(link, self.connection.sent_bytes, self._rooms.pump)
        self.outbox = self.mailbox
        self.tell = self.mailbox.tell

    def introduce(self, items: Iterable[Item]) -> None:
        self.mailbox.introduce(items)

    def give_way(self) -> None:
        self.connection.end(REPLACED, "replaced")

    def dismiss(self, code: int, cause: str, why: str) -> None:
        self.connection.end(code, cause)
        self._leave()
        self._closing = asyncio.create_task(self._close_or_drop(code, cause, why), name="dismissing an avatar")

    async def _close_or_drop(self, code: int, cause: str, why: str) -> None:
        """A server's `send` may wait forever for a peer that reads nothing."""
        link = link_of(self.scope)
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.send_error(cause.replace(" ", "_"), why)
                await self.close(code)
        except TimeoutError:
            if link is not None:
                link.abort()

    def _admit(self) -> Admission:
        admission = admit(self.scope)
        if self._rooms.is_taken(admission.client_id, admission.holder):
            raise in_use(admission.client_id)
        return admission

    async def _refuse(self, refused: NotAdmittedError) -> None:
        if refused.cause == ORIGIN:
            self.turn_away(refused.cause)
            await self.close(1000)
        else:
            await self.refuse(refused.cause, refused.code, str(refused))

    async def _receive(self, payload: str | bytes) -> None:
        if self._of_address is not None and not self._of_address.take():
            allowed = f"{self._rates.messages_per_second:.0f} messages a second from all connections of one address"
            await self._too_many("too_many_messages", allowed, "AVATAR_MAX_MESSAGES_PER_ADDRESS")
            return
        await super()._receive(payload)

    async def receive(self, text: str) -> None:
        self._handle(decode(text), text)

    def ping(self) -> None:
        """Measures a round trip if the server cannot do it itself; a ping under way is left to finish."""
        now = time.perf_counter()
        if self._pinged_at is None or now - self._pinged_at > LOST_SECONDS:
            self._pings += 1
            self._pinged_at = now if self.offer(encode("ping", id=self._pings)) else None

    def left(self) -> None:
        self._rooms.leave(self._room, self)
        self._rooms.listed.unsubscribe(self)
        if self._hub is not None:
            self._hub.unsubscribe(self.connection.client_id)

    def _handle(self, message: Incoming, text: str) -> None:
        match message:
            case Ping():
                self.offer(encode("pong", t=message.t, server_time=time.time()))
            case Pong():
                self._measure(message.id)
            case Telemetry():
                self.connection.telemetry(message)
            case Subscribe(channel="rooms"):
                self._rooms.listed.subscribe(self)
            case Subscribe():
                self._subscribe()
            case _:
                kind = kind_of(message)
                others = relayed(text, self.client_id)
                if kind is ItemKind.POSE:
                    self.last_pose = others
                self._rooms.relay(self._room, self, others, kind)

    def _measure(self, number: float) -> None:
        if number == self._pings and self._pinged_at is not None:
            self.connection.latency((time.perf_counter() - self._pinged_at) * 1000)
            self._pinged_at = None

    def _subscribe(self) -> None:
        if self._hub is not None:
            self._hub.subscribe(self.connection.client_id, self._offer_metrics)
        else:
            self.offer(encode("error", code="disabled", message="Monitoring is switched off"))

    def _offer_metrics(self, metrics: Outgoing) -> bool:
        return self.tell(Item(ItemKind.METRICS, "", metrics))


def in_use(client_id: str) -> NotAdmittedError:
    why = f"client_id={client_id!r} is in use; connect with the token from `welcome` to take it over"
    return NotAdmittedError(NAME_IN_USE, "in_use", why)
