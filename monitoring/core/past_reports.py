"""This node's last reports, in a fraction of their memory: what viewers and nodes that begin to watch are sent."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from monitoring.core.message import Report
from monitoring.core.own_gauges import GaugeReading

LEFT_OUT = ("rows", "alerts", "groups")
"""What nobody asks about the past."""

APART = ("timestamp", "node", "boot", "host", "system", "server", "gauges")
"""What `PastReports` takes apart; all other fields are kept as they are."""

_fields = [field for field in msgspec.structs.fields(Report) if field.name not in (*LEFT_OUT, *APART)]
_Rest = msgspec.defstruct("_Rest", [(field.name, field.type) for field in _fields], array_like=True)
_NAMES = tuple(field.name for field in _fields)
_Kept = tuple[_Rest, list[Any], list[float | None]]  # type: ignore[valid-type] # made above
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode


class Past(NamedTuple):
    """A report of this node, and its time by its monotonic clock."""

    moment: float
    report: Report


class Down(NamedTuple):
    """The key of a dictionary inside the one that is flattened, and the keys in it."""

    key: str
    keys: tuple[Any, ...]


class Texts(NamedTuple):
    """What most reports have in common: names, the keys of `system` and `server`, and the descriptions of gauges."""

    node: str
    boot: str
    host: str
    system: tuple[Any, ...]
    server: tuple[Any, ...]
    gauges: tuple[tuple[str, str, str, bool], ...]


class PastReports:
    """The last `kept` reports, oldest first, without clients' rows and alerts.

    Reports share their texts, so that one takes about 300 bytes. Iterating makes them again.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._moments, self._timestamps = array("d"), array("d")
        self._texts: deque[Texts] = deque(maxlen=kept)
        self._numbers: deque[bytes] = deque(maxlen=kept)

    def add(self, moment: float, report: Report) -> None:
        """A report, and its time by this node's monotonic clock."""
        values: list[Any] = []
        texts = Texts(
            report.node,
            report.boot,
            report.host,
            _flattened(report.system, values),
            _flattened(report.server, values),
            tuple([(gauge.name, gauge.label, gauge.unit, gauge.added) for gauge in report.gauges]),
        )
        if self._texts and self._texts[-1] == texts:
            texts = self._texts[-1]
        rest = [getattr(report, name) for name in _NAMES]
        if len(self._moments) == self._kept:
            del self._moments[0], self._timestamps[0]
        self._moments.append(moment)
        self._timestamps.append(report.timestamp)
        self._texts.append(texts)
        self._numbers.append(_encode((rest, values, [gauge.value for gauge in report.gauges])))

    def move(self, seconds: float) -> None:
        """The wall clock was set by this many seconds: the reports are of the same moments."""
        self._timestamps = array("d", (timestamp + seconds for timestamp in self._timestamps))

    @property
    def moment(self) -> float:
        """That of the newest report. Raises IndexError if there is none."""
        return self._moments[-1]

    def __len__(self) -> int:
        return len(self._moments)

    def __iter__(self) -> Iterator[Past]:
        return self.latest(len(self))

    def latest(self, count: int) -> Iterator[Past]:
        """The last `count` reports, or fewer, oldest first."""
        kept = zip(self._moments, self._timestamps, self._texts, self._numbers, strict=True)
        wanted = islice(kept, max(0, len(self) - count), None)
        return (Past(moment, _report(stamp, texts, numbers)) for moment, stamp, texts, numbers in wanted)


def _flattened(found: Mapping[str, Any], values: list[Any]) -> tuple[Any, ...]:
    """The keys; the values in their order are added to `values`."""
    keys: list[Any] = []
    for key, value in found.items():
        if type(value) is dict:
            keys.append(Down(key, _flattened(value, values)))
        else:
            keys.append(key)
            values.append(value)
    return tuple(keys)


def _put_together(keys: tuple[Any, ...], values: Iterator[Any]) -> dict[str, Any]:
    return {
        key.key if type(key) is Down else key: _put_together(key.keys, values) if type(key) is Down else next(values)
        for key in keys
    }


def _report(timestamp: float, texts: Texts, numbers: bytes) -> Report:
    rest, flat, levels = _decode(numbers)
    values = iter(flat)
    return Report(
        node=texts.node,
        boot=texts.boot,
        host=texts.host,
        timestamp=timestamp,
        system=_put_together(texts.system, values),
        server=_put_together(texts.server, values),
        gauges=[GaugeReading(*what, value) for what, value in zip(texts.gauges, levels, strict=True)],
        alerts=[],
        **msgspec.structs.asdict(rest),
    )
