"""A link that also limits its WebSocket under daphne.

daphne buffers whatever a client does not read. Here senders wait instead, and a client that leaves a megabyte unread is
dropped; what it sends is limited by the link's intake.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from monitoring.core.asgi_types import Message, Receive, Scope, Send
from monitoring.core.limit_log import limit_acted
from monitoring.core.wire.link import ProtectionCounters
from monitoring.servers import daphne_intake, daphne_link
from monitoring.servers.daphne_intake import MAX_UNSENT, Intake
from monitoring.servers.daphne_link import DaphneLink, protocol_of

STALLED_SECONDS = 5.0
"""How long a peer may read nothing while a megabyte waits for it."""

LOOK_SECONDS = 0.02

PROTOCOL_ATTRIBUTES = (*daphne_link.PROTOCOL_ATTRIBUTES, *daphne_intake.PROTOCOL_ATTRIBUTES)
TRANSPORT_ATTRIBUTES = (*daphne_link.TRANSPORT_ATTRIBUTES, "pauseProducing", "resumeProducing")


class GuardedDaphneLink(DaphneLink):
    """Limits one connection; `acted` is called with each limit that acts."""

    def __init__(
        self,
        protocol: Any,
        queue: asyncio.Queue[Message],
        protection: ProtectionCounters,
        acted: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._intake = Intake(protocol, queue, protection, self, acted)
        self._acted = acted
        self._accepted = False
        super().__init__(protocol, protection)

    def _watch_messages(self) -> None:
        """The intake does it."""

    @property
    def on_message(self) -> Callable[[int], None]:
        return self._intake.on_message

    @on_message.setter
    def on_message(self, listener: Callable[[int], None]) -> None:
        self._intake.on_message = listener

    def pauses(self) -> int:
        return self._intake.pauses

    def ping(self) -> None:
        # A peer whose pongs are not read cannot be seen to answer.
        if not self._intake.paused:
            super().ping()

    def abort(self) -> None:
        if not self._gone:
            self._acted(f"dropped, because it left more than {MAX_UNSENT} bytes unread")
        super().abort()

    def receiving(self, receive: Receive) -> Receive:
        """The connection's `receive`, which resumes reading once its consumer has caught up."""
        intake = self._intake

        def resuming_receive() -> Awaitable[Message]:
            # Whoever asks for a message is done with the last one; a coroutine for that would cost more than the rest.
            if intake.paused:
                intake.taking()
            return receive()

        return resuming_receive

    def sending(self, send: Send) -> Send:
        """The connection's `send`, which waits while too much is unread, and drops a peer that reads nothing.

        Data for a peer that has just closed is dropped, as ASGI asks: autobahn would raise, and daphne log it all.
        """

        async def limited_send(message: Message) -> None:
            if self._accepted and self._protocol.state != self._protocol.STATE_OPEN:
                return
            if message["type"] != "websocket.send":
                self._accepted = self._accepted or message["type"] == "websocket.accept"
                await send(message)
                return
            self._intake.limit_sent()
            try:
                await send(message)
            finally:
                self._intake.limit_received()
            if self.unsent() > MAX_UNSENT:
                await self._until_half_is_read()

        return limited_send

    async def _until_half_is_read(self) -> None:
        least, since = self.unsent(), time.monotonic()
        while self.unsent() > MAX_UNSENT // 2 and not self._gone:
            await asyncio.sleep(LOOK_SECONDS)
            if self.unsent() < least:
                least, since = self.unsent(), time.monotonic()
            elif time.monotonic() - since > STALLED_SECONDS:
                self.abort()


def guarded_link_to(
    scope: Scope, receive: Any, send: Any, protection: ProtectionCounters, setting: str
) -> GuardedDaphneLink | None:
    """The connection's link under daphne; None under another server, or if its internals are not as expected."""
    protocol = protocol_of(receive, send, PROTOCOL_ATTRIBUTES, TRANSPORT_ATTRIBUTES)
    if protocol is None:
        return None
    # A copy, because the scope will hold the link.
    about = {key: scope.get(key) for key in ("path", "client", "query_string")}
    return GuardedDaphneLink(protocol, receive.__self__, protection, lambda limit: limit_acted(about, limit, setting))
