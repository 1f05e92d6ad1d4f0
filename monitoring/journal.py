"""The Redis stream through which nodes hand their batches to the database.

Entries are read after a position that the reader keeps, without consumer groups: what was read but not stored is simply
read again.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple, cast

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from monitoring.core.records import Batch, decode, encode

STREAM = "avatar:journal"
SET_ASIDE = "avatar:journal:unreadable"
FIELD = "batch"
BEGINNING = "0-0"

MAX_ENTRIES = 30_000
"""Ten hours of 4 nodes in some 35 MB. An unread journal must not fill a Redis of 64 MB: Celery could then no longer
queue the very task that empties it."""

MAX_SET_ASIDE = 100
CALL_SECONDS = 0.5


class Entry(NamedTuple):
    id: str
    data: bytes


def connect(url: str, seconds: float = CALL_SECONDS) -> redis.Redis:
    """A client whose every call answers or raises redis.RedisError within about so many seconds."""
    return redis.Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )


def pack(batch: Batch) -> bytes:
    # To a quarter: five samples repeat each other's keys, and a journal of a day should fit into a small Redis.
    return zlib.compress(encode(batch), 1)


def unpack(data: bytes) -> Batch:
    """The batch of `pack`'s bytes. Raises ValueError for anything else, or for a batch of a newer release."""
    try:
        batch = decode(zlib.decompress(data))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"not a batch: {error}") from error
    if batch.version != Batch.__struct_defaults__[-1]:
        raise ValueError(f"a batch of version {batch.version}")
    return batch


def read_after(client: redis.Redis, position: str, count: int = 500) -> list[Entry]:
    """The next entries after a position, oldest first, at most `count`."""
    found = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(STREAM, min=f"({position}", count=count))
    return [Entry(entry_id.decode(), fields.get(FIELD.encode(), b"")) for entry_id, fields in found]


def resume_from(client: redis.Redis, position: str) -> str:
    """Where to read on: after the position, or from the beginning when the stream is another one, younger than it."""
    try:
        info = client.xinfo_stream(STREAM)
    except redis.ResponseError:
        return position
    last = info["last-generated-id"].decode()
    return BEGINNING if _order(last) < _order(position) else position


def trim_up_to(client: redis.Redis, position: str) -> None:
    """Lets go of the entries up to a position, all but the last few."""
    client.xtrim(STREAM, minid=position, approximate=True)


def set_aside(client: redis.Redis, entry: Entry) -> None:
    """Keeps an entry that could not be stored where it is in nobody's way; of these the last hundred are kept."""
    client.xadd(SET_ASIDE, {"id": entry.id, FIELD: entry.data}, maxlen=MAX_SET_ASIDE, approximate=False)


def lag_seconds(client: redis.Redis, position: str) -> float:
    """How long the oldest entry after the position has been waiting; 0 when none is."""
    waiting = read_after(client, position, count=1)
    return max(0.0, now(client) - written_at(waiting[0].id)) if waiting else 0.0


def written_at(entry_id: str) -> float:
    """When an entry was appended, UTC epoch seconds by the clock of the Redis server."""
    return int(entry_id.partition("-")[0]) / 1000


def now(client: redis.Redis) -> float:
    """The same clock's time now."""
    seconds, microseconds = client.time()
    return seconds + microseconds / 1e6


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
