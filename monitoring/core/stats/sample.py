"""What one node measured in one interval; `a + b` is again a sample.

Everything stored is made of these: a minute is the sum of its seconds, an hour of its minutes, a fleet of its nodes.
"""

from __future__ import annotations

import math

import msgspec

from monitoring.core.stats import breakdowns, fields
from monitoring.core.stats.breakdowns import Breakdowns
from monitoring.core.stats.fields import FACTS, Counter, Distribution, Fact, Level, OfClients, Owner
from monitoring.core.stats.sketch import Sketch


class Gauge(msgspec.Struct, array_like=True):
    """Readings of a quantity that goes up and down; nothing was read while count is 0."""

    count: int = 0
    sum: float = 0.0
    min: float = math.inf
    max: float = -math.inf

    @classmethod
    def of(cls, value: float | None) -> Gauge:
        return cls() if value is None else cls(1, value, value, value)

    def add(self, value: float) -> None:
        self.count += 1
        self.sum += value
        if value < self.min:
            self.min = value
        if value > self.max:
            self.max = value

    def merge(self, other: Gauge) -> None:
        """Adds the other's readings."""
        self.count += other.count
        self.sum += other.sum
        if other.min < self.min:
            self.min = other.min
        if other.max > self.max:
            self.max = other.max

    @property
    def average(self) -> float | None:
        return self.sum / self.count if self.count else None

    def __add__(self, other: Gauge) -> Gauge:
        total = Gauge(self.count, self.sum, self.min, self.max)
        total.merge(other)
        return total


class OwnLevel(Gauge):
    """Readings of a gauge that the project registered, under a name of its own.

    `added` says that the levels of several nodes at one moment are added, or else averaged. If it is `bounded`, lowest
    and highest were not measured: the true values lie between them.
    """

    added: bool = False
    bounded: bool = False

    def __add__(self, other: Gauge) -> OwnLevel:
        total = OwnLevel(self.count, self.sum, self.min, self.max, self.added, self.bounded)
        total.merge(other)
        if isinstance(other, OwnLevel):
            total.added, total.bounded = other.added, self.bounded or other.bounded
        return total


class Counts(msgspec.Struct, kw_only=True):
    """What only grows, in a sample as in a node's totals: plain counts, and distributions of what clients measured.

    Bytes and messages are counted from the server's side: received from clients, sent to clients. Latency and frame
    times are in milliseconds, and each client counts once a second. `breakdowns` are counts by label, by their kinds.
    """

    messages: int = 0
    messages_sent: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    connects: int = 0
    disconnects: int = 0
    latency_sketch: Sketch = msgspec.field(default_factory=Sketch)
    frame_time_sketch: Sketch = msgspec.field(default_factory=Sketch)
    breakdowns: Breakdowns = {}


class Sample(Counts):
    """One node in one interval; what its fields are is said in `fields.FACTS`.

    `start` is the first second's UTC epoch time, `seconds` how many seconds the counters cover; they lie before `end`,
    which is given only if they do not simply follow the start. `message_rate` is the messages received per second of
    each interval. System gauges are the host's, in percent, MB (1024 * 1024 bytes) and MB per second. `bounded` says
    that the lowest and highest of additive values (ADDED) were not measured: the true values lie between them. `gauges`
    are the project's own, by name; each says for itself how it is put together.
    """

    start: float
    seconds: float = 0.0
    connections: Gauge = msgspec.field(default_factory=Gauge)
    message_rate: Gauge = msgspec.field(default_factory=Gauge)
    cpu_percent: Gauge = msgspec.field(default_factory=Gauge)
    memory_percent: Gauge = msgspec.field(default_factory=Gauge)
    memory_used_mb: Gauge = msgspec.field(default_factory=Gauge)
    network_sent_rate: Gauge = msgspec.field(default_factory=Gauge)
    network_recv_rate: Gauge = msgspec.field(default_factory=Gauge)
    loop_lag_ms: Gauge = msgspec.field(default_factory=Gauge)
    journal_lag_seconds: Gauge = msgspec.field(default_factory=Gauge)
    store_lag_seconds: Gauge = msgspec.field(default_factory=Gauge)
    latency_ms: Gauge = msgspec.field(default_factory=Gauge)
    fps: Gauge = msgspec.field(default_factory=Gauge)
    gauges: dict[str, OwnLevel] = {}
    end: float | None = None
    bounded: bool = False

    @property
    def until(self) -> float:
        """The end of its last second, UTC epoch seconds."""
        return self.start + self.seconds if self.end is None else self.end

    def gauge(self, name: str) -> Gauge:
        """A gauge of ours or of the project; without readings if there is none of this name."""
        return getattr(self, name) if name in GAUGES else self.gauges.get(name) or Gauge()

    def __add__(self, other: Sample) -> Sample:
        return Sample(
            min(self.start, other.start),
            end=max(self.until, other.until),
            bounded=self.bounded or other.bounded,
            seconds=self.seconds + other.seconds,
            gauges=_together(self.gauges, other.gauges) if self.gauges or other.gauges else {},
            breakdowns=breakdowns.added((self.breakdowns, other.breakdowns)),
            **{name: getattr(self, name) + getattr(other, name) for name in FIELDS},
        )

    def repeat_levels(self) -> None:
        """Makes a level that was read once in several seconds count for each of them, beside others read every
        second."""
        seconds = round(self.seconds)
        if seconds > 1:
            for name in LEVELS:
                gauge: Gauge = getattr(self, name)
                gauge.count *= seconds
                gauge.sum *= seconds


def _together(one: dict[str, OwnLevel], other: dict[str, OwnLevel]) -> dict[str, OwnLevel]:
    added = {name: one[name] + gauge if name in one else gauge for name, gauge in other.items()}
    return {**one, **added}


WHEN = ("start", "seconds", "end", "bounded")
"""The fields that say what a sample covers; all others are measured."""

OWN = "gauges"
"""The field that holds the project's own gauges."""

BREAKDOWNS = "breakdowns"
"""The field that holds counts by label."""


def _measured(kind: type, *descriptions: type[Fact], among: type[Counts] = Sample) -> tuple[str, ...]:
    """The sample's fields of a type. Raises TypeError, and says what to write where, unless all stand in the class that
    is meant and are described."""
    found = tuple(name for name, its_type in _TYPES.items() if its_type is kind)
    for name in found:
        if name not in among.__struct_fields__:
            raise TypeError(
                f"{name}: move it from Sample to Counts in {__name__}, for the totals of nodes count it too"
            )
        if not isinstance(FACTS.get(name), descriptions):
            shapes = " or ".join(f"{one.__name__}({', '.join(one.__slots__)})" for one in descriptions)
            raise TypeError(f"{name}: describe this field of a sample in FACTS of {fields.__name__}, as {shapes}")
    return found


_OTHERS = (*WHEN, OWN, BREAKDOWNS)
_TYPES = {field.name: field.type for field in msgspec.structs.fields(Sample) if field.name not in _OTHERS}
COUNTERS = _measured(int, Counter, among=Counts)
GAUGES = _measured(Gauge, Level, OfClients)
SKETCHES = _measured(Sketch, Distribution, among=Counts)
FIELDS = (*COUNTERS, *GAUGES, *SKETCHES)
for _name in {*_TYPES, *FACTS}.difference(FIELDS):
    raise TypeError(
        f"{_name}: a field of a sample is an int, a Gauge or a Sketch, or one of WHEN in {__name__}; "
        f"FACTS in {fields.__name__} describes no others"
    )

LEVELS = tuple(name for name in GAUGES if isinstance(FACTS[name], Level))
OCCASIONAL = tuple(name for name in (*GAUGES, *SKETCHES) if name not in LEVELS)
"""What clients measure now and then; a sample that is divided does not say when that was."""

_LEVELS = {name: fact for name, fact in FACTS.items() if isinstance(fact, Level)}
ADDED = tuple(name for name in LEVELS if _LEVELS[name].added)
"""The gauges that add up over nodes or hosts. None of them is ever below zero."""
OF_HOSTS = tuple(name for name in LEVELS if _LEVELS[name].of is Owner.HOST)
