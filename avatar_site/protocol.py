"""The avatars' messages: JSON text frames with a "type"."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from avatar_site.conflation import ItemKind
from monitoring.core.telemetry import Telemetry
from monitoring.core.wire.decoding import decoder
from monitoring.core.wire.outgoing import Outgoing

MAX_MESSAGE = 64 * 1024
MAX_SAY = 500
MAX_RELAYED = 4 * 1024
"""Bytes of a message to the others in the room: 52 blend shapes with all their digits are 2.4 kB."""


class Ping(msgspec.Struct, tag="ping"):
    """Asks for the server's time; `t` comes back as it was sent."""

    t: float | int | str | None = None


class Pong(msgspec.Struct, tag="pong"):
    """Answers the server's ping."""

    id: float


class Pose(msgspec.Struct, tag="pose"):
    """How the avatar stands and looks; its fields belong to the clients and are relayed unchanged."""


class Expression(msgspec.Struct, tag="expression"):
    """The face that the avatar makes; its fields are relayed unchanged."""


class Say(msgspec.Struct, tag="say"):
    """What the avatar says."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SAY)]


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Asks for the public metrics every interval, or for the list of rooms whenever it changes."""

    channel: Literal["metrics", "rooms"]


CHANNELS = ("metrics", "rooms")
"""What one may subscribe to, as `welcome` says; a server of an earlier release says nothing and knows `metrics`."""

Incoming = Ping | Pong | Pose | Expression | Say | Telemetry | Subscribe

decode = decoder(Incoming, MAX_MESSAGE)

_encoder = msgspec.json.Encoder()

_KINDS = {Pose: ItemKind.POSE, Expression: ItemKind.EXPRESSION}


def kind_of(message: Incoming) -> ItemKind:
    """Which message to the others in the room it replaces."""
    return _KINDS.get(type(message), ItemKind.IN_ORDER)


def encode(kind: str, **fields: Any) -> Outgoing:
    return Outgoing(_encoder.encode({"type": kind, **fields}))


def relayed(text: str, client_id: str) -> Outgoing:
    """A message as the others in the room get it: all its fields, and the real sender whatever the message claims.

    Raises ValueError if it is too long, and for fields that `decode` ignores and that cannot be read, such as 1e400.
    Its length is that of the relayed message: without spaces, and with numbers written in full.
    """
    try:
        fields = msgspec.json.decode(text)
        fields["client_id"] = client_id
        payload = _encoder.encode(fields)
    except RecursionError:
        raise ValueError("a message is nested too deeply") from None
    size = len(payload) - len(client_id) - len(',"client_id":""')
    if size > MAX_RELAYED:
        raise ValueError(f"the {fields['type']} has {size} bytes without spaces: at most {MAX_RELAYED} are allowed")
    return Outgoing(payload)
