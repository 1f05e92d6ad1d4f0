"""What one client did: its steps, read from the journal for as long as the journal holds them.

The database knows its sessions; a step names its session. So a client that was renamed keeps its whole session, and
only batches of the nodes that it was connected to are read.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from monitoring.core.client_steps import COUNTERS, LEVELS, ClientStep, decode_steps, key_of_session, steps_of
from monitoring.core.metrics import rounded
from monitoring.core.records import FIRST_VERSION, VERSION
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.history import seconds
from monitoring.journal.unstored import unstored
from monitoring.models import ClientSession
from monitoring.storage.session_rows import session_row

logger = logging.getLogger(__name__)
said = SaidOnce(logger)

LONGEST_STEP = 100.0
"""Seconds. A node with 20 000 clients takes a step of each every 80; what lies further apart is not one step."""

MOST_SESSIONS = 200
"""A client that reconnects all the time has more; only the newest are read."""

MOST_POINTS = 1_500
CHUNK = timedelta(minutes=10)
READING_SECONDS = 4.0
"""When this has passed, no older chunk is read."""

MINUTE = 60
RATES = tuple(f"{name}_per_second" for name in COUNTERS)
DIGITS = {"fps": 1, "unsent_bytes": 0}
"""Other columns have three digits."""

Readings = dict[str, float | str | None]


class StepsInBatch(msgspec.Struct):
    """A batch without its samples."""

    boot: str
    seq: int
    version: int = FIRST_VERSION
    renewed: list[int] = []
    client_steps: bytes = b""


class ClientPoint(NamedTuple):
    """A step and the seconds since the step before, None if that is not known; `session` counts sessions from 0."""

    at: float
    session: int
    seconds: float | None
    values: Readings


class ClientHistory(NamedTuple):
    """One client from `start` on, in steps of `step` seconds at least: sessions, oldest first, and a list per column.

    A row's values belong to its `time`, the end of its step, UTC epoch seconds. `start` is later than what was asked
    for if reading took too long: it is then not `complete`.
    """

    start: datetime
    end: datetime
    step: float
    complete: bool
    sessions: list[ClientSession]
    columns: dict[str, list[Any]]


def history_of(client_id: str, start: datetime, end: datetime) -> ClientHistory:
    """The sessions and steps of the client with exactly this id. Of two connections at once, the newer one counts.

    Raises SecondsUnavailableError if the journal cannot be read.
    """
    sessions = sessions_of(client_id, start, end)
    read = start
    found: dict[tuple[str, str], list[ClientStep]] = {}
    if sessions:
        read, found = _read(sessions, start, end)
    points = [point for point in _points(sessions, found) if read.timestamp() <= point.at < end.timestamp()]
    step = math.ceil((end - start).total_seconds() / MOST_POINTS) if len(points) > MOST_POINTS else 0
    if step:
        points = list(_merged(points, step))
    return ClientHistory(read, end, float(step), read <= start, sessions, _columns(points))


def sessions_of(client_id: str, start: datetime, end: datetime) -> list[ClientSession]:
    """The client's sessions with any part in the range, oldest first, also those that are not stored yet."""
    waiting = unstored()
    stored = ClientSession.objects.filter(client_id=client_id).between(start, end).light().latest_first()
    rows = {(row.boot, row.session_id): row for row in stored[:MOST_SESSIONS]}
    for batch in waiting.batches:
        for record in batch.sessions:
            if record.client_id == client_id or (batch.boot, record.session_id) in rows:
                with suppress(ValueError):
                    rows[batch.boot, record.session_id] = session_row(batch, record)
    fitting = [
        row
        for row in rows.values()
        if row.client_id == client_id
        and row.connected_at < end
        and (row.disconnected_at is None or row.disconnected_at > start)
    ]
    return sorted(fitting, key=lambda row: row.connected_at)[-MOST_SESSIONS:]


def _read(
    sessions: list[ClientSession], start: datetime, end: datetime
) -> tuple[datetime, dict[tuple[str, str], list[ClientStep]]]:
    """From when on the journal was read, and the steps of each session, by boot and session id."""
    keys: defaultdict[str, dict[bytes, str]] = defaultdict(dict)
    for row in sessions:
        with suppress(ValueError):  # a row that a node of another kind wrote has no steps
            keys[row.boot][key_of_session(row.session_id)] = row.session_id
    deadline = monotonic() + READING_SECONDS
    # The step before the first one is needed for its rates.
    first = max(start, sessions[0].connected_at) - timedelta(seconds=LONGEST_STEP)
    read = min(end, max(row.disconnected_at or end for row in sessions) + timedelta(seconds=MINUTE))
    batches: dict[tuple[str, int], StepsInBatch] = {}
    while read > first and monotonic() < deadline:
        until, read = read, max(first, read - CHUNK)
        for data in seconds.raw_batches(read, until, keys):
            with suppress(msgspec.DecodeError, RecursionError):
                batch = _decode(data)
                if batch.version == VERSION:
                    batches.setdefault((batch.boot, batch.seq), batch)
    found: defaultdict[tuple[str, str], list[ClientStep]] = defaultdict(list)
    for _, batch in sorted(batches.items()):
        _take(batch, keys[batch.boot], found)
    return start if read <= first else read, found


def _take(batch: StepsInBatch, keys: dict[bytes, str], found: dict[tuple[str, str], list[ClientStep]]) -> None:
    if batch.renewed:
        # The clock was set back: what the boot reported about these minutes before is void.
        for (boot, _), told in found.items():
            if boot == batch.boot:
                told[:] = [step for step in told if step.at // MINUTE * MINUTE not in batch.renewed]
    keys = {key: session_id for key, session_id in keys.items() if key in batch.client_steps}
    if not keys:
        return
    try:
        steps = decode_steps(batch.client_steps)
    except ValueError as error:
        said.warn("Steps of clients", f"boot {batch.boot[:32]}", f"they are skipped: {error}")
        return
    for key, session_id in keys.items():
        found[batch.boot, session_id] += steps_of(key, steps)


def _points(sessions: list[ClientSession], found: dict[tuple[str, str], list[ClientStep]]) -> Iterator[ClientPoint]:
    """The points of all sessions in order of time; a session ends at the latest when the next one begins."""
    begins = [row.connected_at.timestamp() for row in sessions]
    for number, row in enumerate(sessions):
        until = begins[number + 1] if number + 1 < len(sessions) else math.inf
        steps = sorted(found.get((row.boot, row.session_id), ()), key=lambda step: step.at)
        for before, step in pairwise(_with_ends(row, steps)):
            if step.at <= until:
                yield _point(number, before, step)


def _with_ends(row: ClientSession, steps: list[ClientStep]) -> Iterator[ClientStep]:
    """The steps between the session's beginning, when nothing was counted, and its end, whose counts are stored."""
    unknown = (None,) * len(LEVELS)
    yield ClientStep(row.connected_at.timestamp(), (0,) * len(COUNTERS), unknown, None)
    yield from steps
    ended = row.disconnected_at
    if ended is not None and row.messages is not None and (not steps or ended.timestamp() > steps[-1].at):
        totals = row.messages, None, row.bytes_received, row.bytes_sent
        yield ClientStep(ended.timestamp(), totals, unknown, None)


def _point(session: int, before: ClientStep, step: ClientStep) -> ClientPoint:
    passed = step.at - before.at
    is_one_step = 0 < passed <= LONGEST_STEP
    values: Readings = dict(zip(LEVELS, step.levels, strict=True))
    for rate, now, then in zip(RATES, step.counted, before.counted, strict=True):
        values[rate] = None
        if is_one_step and now is not None and then is not None and now >= then:
            values[rate] = (now - then) / passed
    values["verdict"] = step.verdict
    return ClientPoint(step.at, session, passed if is_one_step else None, values)


def _merged(points: Iterable[ClientPoint], step: float) -> Iterator[ClientPoint]:
    """A point for each `step` seconds of each session: means that weigh each point by its length, the last verdict."""
    groups: defaultdict[tuple[int, int], list[ClientPoint]] = defaultdict(list)
    for point in points:
        groups[point.session, int(point.at // step)].append(point)
    for (session, _), some in groups.items():
        values: Readings = {name: _mean(some, name) for name in (*LEVELS, *RATES)}
        judged = [point.values["verdict"] for point in some if point.values["verdict"] is not None]
        values["verdict"] = judged[-1] if judged else None
        known = [point.seconds for point in some if point.seconds is not None]
        yield ClientPoint(some[-1].at, session, sum(known) if known else None, values)


def _mean(points: Iterable[ClientPoint], name: str) -> float | None:
    known = [(float(value), point.seconds or 1.0) for point in points if (value := point.values[name]) is not None]
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known) if known else None


def _columns(points: list[ClientPoint]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "time": [round(point.at, 3) for point in points],
        "seconds": [rounded(point.seconds, 3) for point in points],
        "session": [point.session for point in points],
    }
    for name in (*LEVELS, *RATES):
        digits = DIGITS.get(name, 3)
        columns[name] = [rounded(point.values[name], digits) for point in points]  # type: ignore[arg-type]
    columns["verdict"] = [point.values["verdict"] for point in points]
    return columns


_decode = msgspec.msgpack.Decoder(StepsInBatch).decode
