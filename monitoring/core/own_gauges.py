"""What a tick reads besides the host and the clients: levels of this process, and the gauges that the project has
registered."""

from __future__ import annotations

import inspect
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.clock import Clock
from monitoring.core.rescue import Rescue
from monitoring.core.stats.fields import FACTS
from monitoring.core.stats.sample import LEVELS, Gauge, OwnLevel, Sample

logger = logging.getLogger(__name__)

MOST_GAUGES = 50
"""Per node; each is stored in every row, and has a chart and a series in /metrics."""

LONGEST_NAME = LONGEST_LABEL = 64
LONGEST_UNIT = 16
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
NAMES_ALLOWED = f"small letters, digits and underscores, at most {LONGEST_NAME}, beginning with a letter"

TAKEN = frozenset({*FACTS, *(fact.quantity.name for fact in FACTS.values()), *ALERT_METRICS_BY_NAME})
"""The names of what the monitor measures by itself."""

STEPS = 1_024
"""Per unit of a level of ours: a batch takes a sixth less room in the journal than with all digits of a float."""

SLOW_SECONDS = 0.05
"""A function that takes longer holds up every connection noticeably, so the log says so."""

GREATEST = 1e150
"""Years of readings of it still have a sum."""

Read = Callable[[], float | None]


class GaugeDescription(msgspec.Struct, frozen=True):
    """What people call a gauge of the project, and how several nodes' values become one."""

    name: str
    label: str = ""
    unit: str = ""
    added: bool = False


class GaugeReading(GaugeDescription, frozen=True):
    """A gauge of the project with its last value, None while unknown."""

    value: float | None = None

    def as_dict(self) -> dict[str, str | float | None]:
        """What a frame says of it: what it is for all nodes, and its value with six digits."""
        value = None if self.value is None else float(f"{self.value:.6g}")
        return {"name": self.name, "label": self.label, "unit": self.unit, "value": value}

    def description(self) -> GaugeDescription:
        return GaugeDescription(self.name, self.label, self.unit, self.added)


def of_fleet(nodes: Iterable[Sequence[GaugeReading]]) -> list[GaugeReading]:
    """Each gauge for all nodes together, by name: their values added or averaged, those that are known."""
    by_name: dict[str, list[GaugeReading]] = {}
    for readings in nodes:
        for reading in readings:
            by_name.setdefault(reading.name, []).append(reading)
    return [_whole(found) for found in by_name.values()]


def _whole(found: Sequence[GaugeReading]) -> GaugeReading:
    known = [reading.value for reading in found if reading.value is not None]
    if len(known) < 2:
        return next((reading for reading in found if reading.value is not None), found[0])
    total = sum(known)
    return msgspec.structs.replace(found[0], value=total if found[0].added else total / len(known))


@dataclass(slots=True)
class _Registered:
    description: GaugeDescription
    function: Read
    fails: bool = False


class OwnGauges:
    """Reads all of them once a tick. A function that raises, or returns something else than a number, is counted among
    the monitor's failures; its value is unknown, and the log says so once until it works again.
    """

    def __init__(self, rescue: Rescue, clock: Clock = time.perf_counter) -> None:
        self._rescue = rescue
        self._clock = clock
        # Replaced as a whole, because a project may register from another thread while a tick reads.
        self._registered: tuple[_Registered, ...] = ()
        self._levels: dict[str, Read] = {}

    def measure(self, field: str, read: Read) -> None:
        """Makes each tick read a level of ours. Raises ValueError for another field of a sample."""
        if field not in LEVELS:
            raise ValueError(f"field={field}: must be one of {', '.join(LEVELS)}")
        self._levels[field] = read

    def register(self, description: GaugeDescription, function: Read) -> None:
        """Makes each tick read a gauge of the project; one of the same name is replaced.

        Raises ValueError for a name, label or unit that is not allowed, a name of ours (TAKEN), or one gauge too many,
        and TypeError for a function that cannot be called without waiting.
        """
        _check(description)
        if not callable(function) or inspect.iscoroutinefunction(function):
            raise TypeError(f"gauge {description.name}: the function must be a plain function, got {function!r}")
        others = tuple(one for one in self._registered if one.description.name != description.name)
        if len(others) >= MOST_GAUGES:
            raise ValueError(f"gauge {description.name}: a node has at most {MOST_GAUGES} gauges")
        self._registered = (*others, _Registered(description, function))

    def error_of(self, name: str) -> str | None:
        """Why a gauge of the project could not be read in the last tick, empty if it could; None without that gauge."""
        found = next((one for one in self._registered if one.description.name == name), None)
        return None if found is None else "reading it failed" if found.fails else ""

    def read_into(self, sample: Sample) -> list[GaugeReading]:
        """Adds what is known now to the sample, once for each of its seconds; returns the project's own."""
        seconds = max(1, round(sample.seconds))
        for field, read in self._levels.items():
            try:
                value = read()
            except Exception:
                self._rescue.failed(f"reading {field}")
                continue
            if value is not None:
                value = round(value * STEPS) / STEPS
                setattr(sample, field, Gauge(seconds, value * seconds, value, value))
        readings = []
        own: dict[str, OwnLevel] = {}
        for one in self._registered:
            value, what = self._value(one), one.description
            readings.append(GaugeReading(what.name, what.label, what.unit, what.added, value))
            if value is not None:
                own[what.name] = OwnLevel(seconds, value * seconds, value, value, what.added)
        if own:
            sample.gauges = own
        return readings

    def _value(self, one: _Registered) -> float | None:
        began = self._clock()
        name = one.description.name
        try:
            found = one.function()
            value = None if found is None else float(found)
            if value is not None and not abs(value) <= GREATEST:
                raise ValueError(f"{value} cannot be added up: must be finite, at most {GREATEST:g} from zero")
        except Exception:
            if one.fails:
                self._rescue.errors += 1
            else:
                self._rescue.failed(f"reading the gauge {name}")
            one.fails = True
            return None
        one.fails = False
        took = self._clock() - began
        if took > SLOW_SECONDS and self._rescue.is_due(f"slow gauge {name}"):
            logger.warning("The gauge %s took %.0f ms, in which every connection waited", name, took * 1e3)
        return value


def _check(description: GaugeDescription) -> None:
    name = description.name
    if not NAME.fullmatch(name):
        raise ValueError(f"gauge {name!r}: must be {NAMES_ALLOWED}")
    if name in TAKEN:
        raise ValueError(f"gauge {name}: must be another name, because a metric of the monitor has this one")
    for what, text, longest in (("label", description.label, LONGEST_LABEL), ("unit", description.unit, LONGEST_UNIT)):
        if len(text) > longest or not text.isprintable():
            raise ValueError(f"gauge {name}: {what}={text!r}: must be printable, at most {longest} characters")
