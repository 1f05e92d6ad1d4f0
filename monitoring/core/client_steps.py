"""What single clients did, as bytes in a batch: about twenty for each client and step, compressed.

A step is a reading of one client at one moment: what it has counted since it connected, and its latest measurements.
A reader takes the difference of two steps for rates, so a lost batch makes a step longer and falsifies nothing. The
steps of one moment are a group, in columns: the highest bytes of all values first, which are nearly the same for all
clients and take almost nothing once compressed. Measurements keep sixteen bits of a 32-bit float, like bfloat16, an
error of 0.4 % at most.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

import msgspec

from monitoring.core.records import LATEST
from monitoring.core.verdicts import Verdict

VERSION = 1
"""The first byte. It changes if an older reader would misunderstand the rest; further columns do not change it."""

KEY_BYTES = 6
"""A session is known by the first bytes of its random id: among a million sessions of one node, one in 280 million has
another's key."""

COUNTERS = ("messages_received", "messages_sent", "bytes_received", "bytes_sent")
"""Counted since the client connected."""

LEVELS = ("latency_ms", "kernel_rtt_ms", "handler_ms", "fps", "frame_time_ms", "unsent_bytes")
"""Measured last; None while not known."""

COUNTER_BYTES, LEVEL_BYTES = 8, 2
COLUMNS = len(COUNTERS) + len(LEVELS)
VERDICTS = [verdict.value for verdict in Verdict]
NOT_JUDGED = 255

Known = list[float | None]


class StepGroup(msgspec.Struct, array_like=True):
    """The steps of one moment, UTC epoch seconds: the `keys` of sessions, and a value of each in every column.

    The columns are those of COUNTERS, then those of LEVELS; a later release may add more. A column is empty if no
    value of it is known. `verdicts` has for each session the index of its verdict; it is empty if none was judged.
    """

    at: float
    keys: bytes
    columns: list[bytes]
    verdicts: bytes = b""


class StepsOfBatch(msgspec.Struct, array_like=True):
    """All groups of a batch; `verdicts` are the names that they mean."""

    verdicts: list[str]
    groups: list[StepGroup]


class ClientStep(NamedTuple):
    """One client at a moment, UTC epoch seconds: `counted` as in COUNTERS, `levels` as in LEVELS; None is not known."""

    at: float
    counted: tuple[int | None, ...]
    levels: tuple[float | None, ...]
    verdict: str | None


def key_of_session(session_id: str) -> bytes:
    """What stands for a session. Raises ValueError for an id that does not begin with twelve hexadecimal digits."""
    digits = session_id[: 2 * KEY_BYTES]
    if not _DIGITS.fullmatch(digits):
        raise ValueError(f"a session's id that begins with {digits!r}, not with twelve hexadecimal digits")
    return bytes.fromhex(digits)


def packed_counts(values: Sequence[int]) -> bytes:
    """Whole numbers from 0 on: as many bytes of each as the largest one needs, highest first."""
    needed = max(1, (max(values).bit_length() + 7) // 8)
    return _planes(array("Q", values), COUNTER_BYTES, range(needed - 1, -1, -1))


def packed_levels(values: Known) -> bytes:
    """Two bytes of each value, b"" if none is known."""
    unknown = values.count(None)
    if unknown == len(values):
        return b""
    known = [math.nan if value is None else value for value in values] if unknown else cast("list[float]", values)
    return _planes(array("f", known), 4, (3, 2))


def encode_steps(groups: list[StepGroup]) -> bytes:
    """The groups of a batch; b"" if there are none."""
    if not groups:
        return b""
    names = VERDICTS if any(group.verdicts for group in groups) else []
    return bytes((VERSION,)) + _encode(StepsOfBatch(names, groups))


def decode_steps(data: bytes) -> StepsOfBatch:
    """The steps in `encode_steps`'s bytes. Raises ValueError for another version and for anything else."""
    if not data:
        return StepsOfBatch([], [])
    if data[0] != VERSION:
        raise ValueError(f"steps of clients have version {data[0]}; this release reads {VERSION}")
    try:
        steps = _decode(memoryview(data)[1:])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"no steps of clients: {error}") from None
    for group in steps.groups:
        _check(group)
    return steps


def steps_of(key: bytes, steps: StepsOfBatch) -> Iterator[ClientStep]:
    """The steps of the session with this key, in order."""
    for group in steps.groups:
        place = _place(key, group.keys)
        if place is None:
            continue
        many = len(group.keys) // KEY_BYTES
        columns = group.columns
        counted = tuple(_count(column, place, many) for column in columns[: len(COUNTERS)])
        levels = tuple(_level(column, place, many) for column in columns[len(COUNTERS) : COLUMNS])
        index = group.verdicts[place] if group.verdicts else NOT_JUDGED
        yield ClientStep(group.at, counted, levels, steps.verdicts[index] if index < len(steps.verdicts) else None)


def _planes(values: array[int] | array[float], size: int, wanted: Sequence[int]) -> bytes:
    """Of each value these bytes, counted from the lowest: first that of all values, then the next."""
    if sys.byteorder == "big":
        values.byteswap()
    data = values.tobytes()
    return b"".join(data[plane::size] for plane in wanted)


def _check(group: StepGroup) -> None:
    many, rest = divmod(len(group.keys), KEY_BYTES)
    if not 0 <= group.at <= LATEST:
        raise ValueError(f"steps of clients at {group.at}")
    if rest or not many:
        raise ValueError(f"keys of {len(group.keys)} bytes; each session has {KEY_BYTES}")
    if group.verdicts and len(group.verdicts) != many:
        raise ValueError(f"{len(group.verdicts)} verdicts about {many} clients")
    if len(group.columns) < COLUMNS:
        raise ValueError(f"{len(group.columns)} columns about clients; there are {COLUMNS}")
    for name, column in zip((*COUNTERS, *LEVELS), group.columns, strict=False):
        allowed = range(1, COUNTER_BYTES + 1) if name in COUNTERS else (0, LEVEL_BYTES)
        if len(column) not in [each * many for each in allowed]:
            raise ValueError(f"a column {name} of {len(column)} bytes about {many} clients")


def _place(key: bytes, keys: bytes) -> int | None:
    """Where the key stands among the keys."""
    found = keys.find(key)
    while found >= 0 and found % KEY_BYTES:
        found = keys.find(key, found + 1)
    return found // KEY_BYTES if found >= 0 else None


def _count(column: bytes, place: int, many: int) -> int:
    return int.from_bytes(column[place::many])


def _level(column: bytes, place: int, many: int) -> float | None:
    """The middle of all values that begin with these two bytes; 0 is exact."""
    if not column:
        return None
    high, low = column[place], column[many + place]
    if not high and not low:
        return 0.0
    value = _FLOAT.unpack(bytes((high, low, 0x80, 0)))[0]
    return value if math.isfinite(value) and value >= 0 else None


_DIGITS = re.compile(f"[0-9a-f]{{{2 * KEY_BYTES}}}")
_FLOAT = struct.Struct(">f")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(StepsOfBatch).decode
