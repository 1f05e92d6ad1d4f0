"""The avatars' messages: JSON text frames with a "type"."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from monitoring.core.frames import decoder
from monitoring.core.outgoing import Outgoing

MAX_MESSAGE = 64 * 1024
MAX_SAY = 500


class Ping(msgspec.Struct, tag="ping"):
    """Asks for the server's time; `t` comes back as it was sent."""

    t: float | int | str | None = None


class Pong(msgspec.Struct, tag="pong"):
    """Answers the server's ping."""

    id: int


class Pose(msgspec.Struct, tag="pose"):
    """How the avatar stands and looks; its fields are the clients' own affair and go on as they are."""


class Expression(msgspec.Struct, tag="expression"):
    """What face the avatar makes; its fields go on as they are."""


class Say(msgspec.Struct, tag="say"):
    """What the avatar says."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SAY)]


class Telemetry(msgspec.Struct, tag="telemetry"):
    """How the client draws: rates a second, times in milliseconds."""

    fps: Annotated[float, msgspec.Meta(ge=0, le=1000)]
    frame_time_ms: Annotated[float, msgspec.Meta(ge=0, le=60_000)]
    low_fps: Annotated[float, msgspec.Meta(ge=0, le=1000)] | None = None
    long_frames: Annotated[int, msgspec.Meta(ge=0)] = 0
    hidden: bool = False


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Asks for the public metrics every interval."""

    channel: Literal["metrics"]


Incoming = Ping | Pong | Pose | Expression | Say | Telemetry | Subscribe

decode = decoder(Incoming, MAX_MESSAGE)

_encoder = msgspec.json.Encoder()


def encode(kind: str, **fields: Any) -> Outgoing:
    return Outgoing(_encoder.encode({"type": kind, **fields}))


def relayed(text: str, client_id: str) -> Outgoing:
    """A message as the room's others get it: all its fields, and who sent it, whatever it claims itself.

    Raises ValueError for fields that `decode` passes over and that cannot be read, such as 1e400.
    """
    try:
        fields = msgspec.json.decode(text)
        fields["client_id"] = client_id
        return Outgoing(_encoder.encode(fields))
    except RecursionError:
        raise ValueError("a message is nested too deeply") from None
