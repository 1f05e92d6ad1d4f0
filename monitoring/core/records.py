"""What nodes hand to the database besides samples: changes of sessions and alerts, and the batch that carries all."""

from __future__ import annotations

import math
from typing import Literal, Protocol

import msgspec

from monitoring.core.own_gauges import LONGEST_NAME, NAME, GaugeDescription
from monitoring.core.stats import breakdowns
from monitoring.core.stats.log_bins import FIRST_BIN, LAST_BIN
from monitoring.core.stats.sample import SKETCHES, Sample
from monitoring.core.wire.other_formats import OtherFormatError

BEGINNING = "0-0"
"""The position in the journal before its first batch."""

LATEST = 253_370_764_800.0
"""The start of the year 9999, UTC epoch seconds; calendars end with it."""

MOST_COUNTED = 2**40
"""Limit for one bin of one sample; sums of ten million of these fit into a merged bin's 64 bits."""


class SessionRecord(msgspec.Struct):
    """One connection. It is sent when it opens, again when its id, user or room changes, and complete when it closes.

    Times are UTC epoch seconds. Nodes of older releases send neither `user` nor `room`; both are None while unknown.

    `cause` is one of `causes.Cause`, empty while it is open; `error` says which exception the application raised, and
    where. Sketches are encoded and cover its whole life: round trips, and the mean frame times that the client
    reported.
    """

    session_id: str
    client_id: str
    path: str
    remote: str
    connected_at: float
    disconnected_at: float | None = None
    messages: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    latency_average_ms: float | None = None
    latency_p95_ms: float | None = None
    fps_average: float | None = None
    close_code: int | None = None
    ended: str = ""
    latency_sketch: bytes = b""
    frame_time_sketch: bytes = b""
    user: str | None = None
    room: str | None = None
    cause: str = ""
    error: str = ""
    user_agent: str = ""


SERVER_STOPPED = "server stopped"
"""How a session or an alert ended if its server was stopped."""

NODE_GONE = "node gone"
"""How a session or an alert ended if its node was no longer heard."""

CLIENT_GONE = "client gone"
"""How an alert ended that was about one or more clients, none of which is left."""

NOT_MEASURED = "not measured"
"""How an alert ended if its value could not be read for too long."""

GROUPED = "grouped"
"""How a client's alert ended if one alert about many clients took its place."""

BY_HAND = "by hand"
"""How an alert ended that a person resolved."""

RULE_CHANGED = "rule changed"
"""How an alert ended if its rule was deleted, disabled or changed so that it no longer applies."""

MONITORING_OFF = "monitoring off"
"""How an alert ended if the site was started again without monitoring."""


class AlertRecord(msgspec.Struct):
    """One alert of a node. It is sent when it fires, again every few seconds while it does, and when it is resolved.

    `rule` (by default the metric) and `subject` identify it, `state` is its state since `at`, UTC epoch seconds.
    `value` is what it fired with at `since`, `last` the value at `at`, None while unknown, and `peak` the worst until
    then. `ended` says why it is over if its value did not come down. A `grouped` alert is about many clients of the
    node that is its subject: its values are how many, and `examples` are some of their ids. `reason` is "no data" or
    "error" if it fires because its value is unknown: its values are then for how many seconds. Nodes of older releases
    send nothing from `since` on.
    """

    metric: str
    subject: str
    state: Literal["firing", "resolved"]
    at: float
    severity: str
    message: str
    value: float
    threshold: float
    peak: float
    since: float | None = None
    ended: str = ""
    rule: str = ""
    scope: str = ""
    last: float | None = None
    grouped: bool = False
    examples: list[str] = []
    flapping: bool = False
    reason: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.rule or self.metric, self.subject


class ClockJump(msgspec.Struct):
    """The wall clock was set: at `at` by its new time, UTC epoch seconds, by this many seconds, negative if back."""

    at: float
    seconds: float


VERSION = 1
"""The version of this release's batches. New fields with defaults do not change it: readers that do not know them
ignore them. It changes if an older release would misunderstand what it reads; such a batch waits for a release that
does not."""

FIRST_VERSION = 1
"""The version of a batch that names none."""


class Batch(msgspec.Struct):
    """What one node appends to the journal at a time; `seq` counts a boot's batches from 1.

    `renewed` are the starts of minutes that occur again because the clock was set back: what the boot sent about them
    before, with a wrong clock, is void. `gauges` describes the project's own in its samples. The last batch of a node
    that was stopped says that it is `leaving`; nodes of older releases never do, and do not say that they would
    (`says_when_leaving`). A boot's first batch says of which `versions` its code and libraries are. `client_steps` are
    what single clients did in its time, encoded.
    """

    node: str
    boot: str
    host: str
    seq: int
    samples: list[Sample] = []
    sessions: list[SessionRecord] = []
    alerts: list[AlertRecord] = []
    jumps: list[ClockJump] = []
    renewed: list[int] = []
    says_when_leaving: bool = False
    version: int = FIRST_VERSION
    leaving: bool = False
    gauges: list[GaugeDescription] = []
    versions: dict[str, str] = {}
    client_steps: bytes = b""


class BatchStamp(msgspec.Struct):
    """What batches of all releases say about themselves."""

    boot: str = ""
    version: int = FIRST_VERSION


def encode(batch: Batch) -> bytes:
    return msgspec.msgpack.encode(batch)


def decode(data: bytes) -> Batch:
    """The batch in `encode`'s bytes.

    Raises OtherFormatError for another version, ValueError for anything else and for impossible values.
    """
    try:
        batch = _decoder.decode(data)
    except RecursionError:
        raise ValueError("a batch is nested too deeply") from None
    except msgspec.ValidationError:
        # What another version means by its fields need not have the types that are expected here.
        check_version(_stamps.decode(data))
        raise
    check_version(batch)
    _check_values(batch)
    return batch


def _check_values(batch: Batch) -> None:
    """Raises ValueError for what has the right type but nobody can have measured: it would spoil sums and charts."""
    for described in batch.gauges:
        if not NAME.fullmatch(described.name):
            raise ValueError(f"a gauge described as {described.name[:LONGEST_NAME]!r}")
    if batch.renewed and not 0 <= min(batch.renewed) <= max(batch.renewed) <= LATEST:
        raise ValueError(f"minutes that come again from {min(batch.renewed)} to {max(batch.renewed)}")
    for jump in batch.jumps:
        if not (0 <= jump.at <= LATEST and abs(jump.seconds) <= LATEST):
            raise ValueError(f"a clock set by {jump.seconds} s at {jump.at}")
    for sample in batch.samples:
        _check_sample(sample)
    for alert in batch.alerts:
        numbers = alert.at, alert.since or 0.0, alert.value, alert.threshold, alert.peak, alert.last or 0.0
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"an alert with a number that nobody can have measured: {numbers}")


def _check_sample(sample: Sample) -> None:
    if not 0 <= sample.start <= sample.until <= LATEST:
        raise ValueError(f"a sample from {sample.start} to {sample.until}")
    for own, gauge in sample.gauges.items():
        if not (NAME.fullmatch(own) and all(map(math.isfinite, (gauge.sum, gauge.min, gauge.max)))):
            raise ValueError(f"a gauge {own[:LONGEST_NAME]!r} with numbers that nobody can have measured")
        if not 0 < gauge.count <= MOST_COUNTED:
            raise ValueError(f"a gauge {own} with {gauge.count} readings")
    breakdowns.check(sample.breakdowns, MOST_COUNTED)
    for name in SKETCHES:
        bins: dict[int, int] = getattr(sample, name).bins
        if bins and not (min(bins) >= FIRST_BIN and max(bins) <= LAST_BIN):
            raise ValueError(f"a distribution with the bins {min(bins)} to {max(bins)}")
        if bins and not (min(bins.values()) > 0 and max(bins.values()) <= MOST_COUNTED):
            raise ValueError("a distribution that counts what nobody can have counted")


class Versioned(Protocol):
    boot: str
    version: int


def check_version(batch: Versioned) -> None:
    """Raises OtherFormatError for a batch of a version that this release does not know."""
    if batch.version != VERSION:
        raise OtherFormatError(f"version {batch.version} of boot {batch.boot[:32]}")


_decoder = msgspec.msgpack.Decoder(Batch)
_stamps = msgspec.msgpack.Decoder(BatchStamp)
