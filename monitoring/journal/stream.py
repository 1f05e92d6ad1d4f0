"""The Redis stream through which nodes hand their batches to the database.

Entries are read after a position that the reader keeps, without consumer groups: entries that were read but not stored
are simply read again. Stored entries stay for a while, so that the pages can show single seconds.
"""

from __future__ import annotations

import logging
import zlib
from typing import Any, NamedTuple, cast

import redis

from monitoring import site
from monitoring.core.records import BEGINNING, VERSION, Batch, decode, encode
from monitoring.core.wire.inflate import inflate
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce

logger = logging.getLogger(__name__)
said = SaidOnce(logger)


class Keys(NamedTuple):
    """The parts of a journal on Redis: entries, unreadable entries, and up to where it was stored.

    The last is a hint for the nodes; the database knows for certain.
    """

    stream: str
    set_aside: str
    stored: str

    @classmethod
    def of(cls, stream: str) -> Keys:
        return cls(stream, f"{stream}:unreadable", f"{stream}:stored")

    @property
    def put_off(self) -> Keys:
        """The journal of entries that a release could not read, because another one wrote them."""
        return Keys.of(f"{self.stream}:put-off")


FORMER = Keys.of("avatar:journal")
"""The journal of all sites that shared a Redis, before each had a name."""

FIELD = "batch"

FULL_ENTRIES = 28_000
"""Ten hours of 4 nodes in about 35 MB. Beyond that, nodes keep what they have: an unread journal must not fill a Redis
of 64 MB, or Celery could no longer queue the very task that empties it."""

MAX_ENTRIES = 30_000
"""Never reached, unless hundreds of nodes append at the same moment: then the oldest entries go, stored or not."""

MAX_KEPT = 15_000
"""Limit for stored entries, so that there is always room for entries that are not stored yet."""

FULL_MEMORY, TIGHT_MEMORY = 0.75, 0.6
"""Shares of Redis's memory: above the second fewer stored entries are kept, above the first nothing is added."""

RETIRED_SECONDS = 86_400.0
"""Nodes of an older release may still run, and another site that shared the journal may not have stored its part."""

MAX_SET_ASIDE = 100
MAX_BATCH_BYTES = 32 * 1024 * 1024


class Entry(NamedTuple):
    """`first_id` is the id that it had before it was put off, empty if it was not."""

    id: str
    data: bytes
    first_id: str = ""

    @property
    def appended_at(self) -> float:
        """When its node appended it, UTC epoch seconds by the clock of the Redis server."""
        return written_at(self.first_id or self.id)


def keys() -> Keys:
    """This site's journal, which functions here use by default. Raises SiteUnknownError."""
    return keys_of(site.name())


def keys_of(name: str) -> Keys:
    """The journal of the site with this name."""
    return Keys.of(site.key_of(name, "journal"))


def pack(batch: Batch) -> bytes:
    # Compresses to a quarter: five samples repeat each other's keys, and a day's journal should fit into a small Redis.
    return zlib.compress(encode(batch), 1)


def inflated(data: bytes) -> bytes:
    """`pack`'s bytes as `encode` made them. Raises ValueError for anything else."""
    return inflate(data, MAX_BATCH_BYTES)


def unpack(data: bytes) -> Batch:
    """The batch in `pack`'s bytes. Raises OtherFormatError for another version, ValueError for anything else."""
    try:
        return decode(inflated(data))
    except OtherFormatError as error:
        said.warn(
            "Batches", str(error), f"this release reads version {VERSION}; they wait for a release that can read them"
        )
        raise
    except ValueError as error:
        raise ValueError(f"not a batch: {error}") from error


def read_after(client: redis.Redis, position: str, count: int = 500, of: Keys | None = None) -> list[Entry]:
    """The next entries after a position, oldest first, at most `count`."""
    stream = (of or keys()).stream
    found = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(stream, min=f"({position}", count=count))
    return [
        Entry(entry_id.decode(), fields.get(FIELD.encode(), b""), fields.get(b"id", b"").decode())
        for entry_id, fields in found
    ]


def resume_from(client: redis.Redis, position: str, of: Keys | None = None) -> str:
    """Where to read on: after the position, or from the beginning if the stream may be another one.

    A server that was emptied no longer knows up to where the journal was stored, and one on another machine may have a
    clock that is behind. Reading stored entries again does no harm. Another run may have stored a chunk a moment ago
    and not noted it here yet: then the entry at the position is still there.
    """
    of = of or keys()
    last = last_id(client, of)
    if last is None:
        return position
    is_known = client.exists(of.stored) or client.xrange(of.stream, position, position, count=1)
    return position if is_known and order(last) >= order(position) else BEGINNING


def last_id(client: redis.Redis, of: Keys) -> str | None:
    """The last id that the stream assigned, None if there is no stream."""
    try:
        return client.xinfo_stream(of.stream)["last-generated-id"].decode()
    except redis.ResponseError:
        return None


def trim_up_to(client: redis.Redis, position: str, keep_seconds: float = 0.0, of: Keys | None = None) -> None:
    """Deletes the entries up to a position, except the last few and those of the last `keep_seconds`.

    If the journal is long or memory is short, the older half of what would be kept is deleted as well.
    """
    of = of or keys()
    oldest = read_after(client, BEGINNING, 1, of)
    if not oldest:
        return
    first, last = written_at(oldest[0].id), written_at(position)
    share = memory_share(client.info("memory"))
    since = now(client) - keep_seconds
    if client.xlen(of.stream) > MAX_KEPT or share > TIGHT_MEMORY:
        since = max(since, (first + last) / 2)
    if since >= last or share > FULL_MEMORY:
        client.xtrim(of.stream, minid=position, approximate=True)
    else:
        client.xtrim(of.stream, minid=int(since * 1000), approximate=True)


def note_stored(client: redis.Redis, position: str, of: Keys | None = None) -> None:
    """Tells the nodes up to where the journal was stored."""
    try:
        client.set((of or keys()).stored, position)
    except redis.ResponseError as error:
        # There is no memory for it. Storing continues, because that is what makes room.
        logger.warning("Could not tell the nodes that the journal is stored up to %s: %s", position, error)


def stored_up_to(client: redis.Redis, of: Keys) -> str:
    """Up to where the nodes were told that it is stored, the beginning if they were not."""
    position = cast("bytes | None", client.get(of.stored))
    return BEGINNING if position is None else position.decode()


def memory_share(info: dict[str, Any]) -> float:
    """How much of the memory that Redis may use is in use, by its INFO; 0 if there is no limit."""
    limit = info.get("maxmemory", 0)
    return info["used_memory"] / limit if limit else 0.0


def may_evict(info: dict[str, Any]) -> bool:
    """Whether Redis, by its INFO, deletes arbitrary keys when its memory is full: it then cannot hold a journal."""
    return bool(info.get("maxmemory")) and str(info.get("maxmemory_policy", "")).startswith("allkeys")


def retire(client: redis.Redis, of: Keys) -> bool:
    """Removes a journal that is stored and to which nothing was appended for a day; returns whether it did."""
    last = last_id(client, of)
    if last is None or now(client) - written_at(last) < RETIRED_SECONDS:
        return False
    return bool(client.delete(*of))


def set_aside(client: redis.Redis, entry: Entry, of: Keys | None = None) -> None:
    """Sets an entry that could not be stored aside, where it blocks nothing; the last hundred are kept."""
    try:
        client.xadd(
            (of or keys()).set_aside,
            {"id": entry.id, FIELD: entry.data},
            maxlen=MAX_SET_ASIDE,
            approximate=False,
        )
    except redis.ResponseError as error:
        # There is no memory for it, and until storing continues there will be none.
        logger.error("Entry %s of the journal could not be stored and is lost: %s", entry.id, error)


def put_off(client: redis.Redis, entry: Entry, of: Keys) -> None:
    """Makes an entry wait, without limit, for a release that can read it. Raises redis.RedisError."""
    client.xadd(of.put_off.stream, {"id": entry.id, FIELD: entry.data})


def lag_seconds(client: redis.Redis, position: str, of: Keys | None = None) -> float:
    """How long the oldest entry after the position has been waiting; 0 if none is."""
    waiting = read_after(client, position, 1, of)
    return max(0.0, now(client) - written_at(waiting[0].id)) if waiting else 0.0


def written_at(entry_id: str) -> float:
    """When an entry was appended, UTC epoch seconds by the clock of the Redis server."""
    return int(entry_id.partition("-")[0]) / 1000


def now(client: redis.Redis) -> float:
    """The current time of that clock."""
    seconds, microseconds = client.time()
    return seconds + microseconds / 1e6


def order(entry_id: str) -> tuple[int, int]:
    """The sort key of entries in a stream."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
