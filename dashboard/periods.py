"""What the trends page shows: which range of time, which node, and what it is compared with.

The page, its charts' links and the export all read their query string here, so they mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from dashboard.languages import gettext
from monitoring.core.inputs import echo, plain_text
from monitoring.models import Node
from monitoring.moments import ALLOWED, parse_moment, stamp

LENGTHS: dict[str, tuple[str, timedelta]] = {
    "1h": (gettext_noop("1 hour"), timedelta(hours=1)),
    "6h": (gettext_noop("6 hours"), timedelta(hours=6)),
    "24h": (gettext_noop("24 hours"), timedelta(hours=24)),
    "7d": (gettext_noop("7 days"), timedelta(days=7)),
    "30d": (gettext_noop("30 days"), timedelta(days=30)),
    "90d": (gettext_noop("90 days"), timedelta(days=90)),
    "1y": (gettext_noop("1 year"), timedelta(days=365)),
}
SHORT = (
    gettext_noop("1h"), gettext_noop("6h"), gettext_noop("24h"), gettext_noop("7d"), gettext_noop("30d"),
    gettext_noop("90d"), gettext_noop("1y"),
)  # fmt: skip
"""What the buttons of the ranges say: their keys, in the reader's language."""
DEFAULT = "1h"
LONGEST = timedelta(days=3_653)
WEEK = timedelta(weeks=1)
COMPARISONS = {"previous": gettext_noop("the previous period"), "week": gettext_noop("the same time last week")}
SHOWN = "shown"
NAMED_NODES = 5
LONGEST_NAME = 255
ZOOM_OUT = 3


class UnknownPeriodError(ValueError):
    """A period that cannot be shown; the text names it, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end` (exclusive, UTC, whole seconds), for one node or the fleet.

    `key` is the range's name in the query string, empty for a custom range; `node` is empty for the fleet; `compare` is
    one of COMPARISONS or empty; `gone` is SHOWN if nodes that were not heard in the range are offered as well, or
    empty.
    """

    key: str
    label: str
    start: datetime
    end: datetime
    node: str = ""
    compare: str = ""
    gone: str = ""

    @property
    def nodes(self) -> list[str] | None:
        """The nodes as `history.series` takes them."""
        return [self.node] if self.node else None

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def shift(self) -> timedelta | None:
        """How much earlier the period to compare with begins."""
        return {"previous": self.length, "week": WEEK}.get(self.compare)

    @property
    def query(self) -> dict[str, str]:
        """The query string that shows exactly this again at any later time."""
        span = {"from": stamp(self.start), "to": stamp(self.end)}
        chosen = {**span, "node": self.node, "compare": self.compare, "gone": self.gone}
        return {name: value for name, value in chosen.items() if value}

    def wider(self, now: datetime) -> Period | None:
        """A range three times as wide around this one, as far as it is past and allowed; None if there is none."""
        margin = self.length * (ZOOM_OUT - 1) / 2
        end = _whole(min(now, self.end + margin))
        start = max(_whole(self.start - margin), end - LONGEST)
        return replace(self, key="", start=start, end=end) if end - start > self.length else None


def parse(query: Mapping[str, str], now: datetime) -> Period:
    """Parses a query string: `range`, or `from` and `to`; `node`; `compare`; `gone`.

    Without any of them it is the fleet's last hour. A future end becomes now. The database is only asked whether a node
    was ever heard. Raises UnknownPeriodError with the name, the value and what is allowed.
    """
    now = _whole(now)
    period = _chosen(query, now) if query.get("from") or query.get("to") else _preset(query.get("range"), now)
    compare = _one_of("compare", query.get("compare", ""), ("", *COMPARISONS))
    gone = _one_of("gone", query.get("gone", ""), ("", SHOWN))
    return replace(period, node=_node(query.get("node", ""), period), compare=compare, gone=gone)


def around(start: datetime, end: datetime | None, now: datetime) -> Period:
    """An episode with the time before and after it, at least ten minutes of each."""
    now = _whole(now)
    end = min(end or now, now)
    margin = max(timedelta(minutes=10), (end - start) / 2)
    return Period(key="", label="", start=_whole(start - margin), end=_whole(min(now, end + margin)))


def _preset(key: str | None, now: datetime) -> Period:
    key = _one_of("range", key or DEFAULT, tuple(LENGTHS))
    label, length = LENGTHS[key]
    return Period(key=key, label=gettext(label), start=now - length, end=now)


def _chosen(query: Mapping[str, str], now: datetime) -> Period:
    if not query.get("from"):
        raise UnknownPeriodError(f"to={echo(query['to'])}: needs from= as well")
    start, end = _moment("from", query, now), _moment("to", query, now)
    asked = f"from={echo(query['from'])} to={echo(query.get('to') or 'now')}"
    if start >= now:
        raise UnknownPeriodError(f"{asked}: must begin before now")
    if start >= end:
        raise UnknownPeriodError(f"{asked}: must begin before its end")
    end = min(end, now)
    if end - start > LONGEST:
        raise UnknownPeriodError(f"{asked}: must be at most 10 years long")
    return Period(key="", label=_span(start, end), start=start, end=end)


def _span(start: datetime, end: datetime) -> str:
    facts = {"start": f"{start:%Y-%m-%d %H:%M}", "end": f"{end:%Y-%m-%d %H:%M} UTC"}
    return gettext("%(start)s to %(end)s") % facts


def _moment(name: str, query: Mapping[str, str], now: datetime) -> datetime:
    text = query.get(name) or "now"
    try:
        return _whole(parse_moment(text, now))
    except ValueError:
        raise UnknownPeriodError(f"{name}={echo(text)}: must be {ALLOWED}") from None


def _node(name: str, period: Period) -> str:
    try:
        if not name or Node.objects.named(plain_text(name, LONGEST_NAME)).exists():
            return name
    except ValueError as error:
        raise UnknownPeriodError(f"node={echo(name)}: must be {error}") from None
    seen = Node.objects.seen_between(period.start, period.end).names()
    there = ", ".join(seen[:NAMED_NODES]) + (" …" if len(seen) > NAMED_NODES else "")
    allowed = (
        f"the name of a node, such as those of this range: {there}"
        if seen
        else "the name of a node; this range has none"
    )
    raise UnknownPeriodError(f"node={echo(name)}: must be {allowed}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise UnknownPeriodError(f"{name}={echo(value)}: must be one of {', '.join(filter(None, allowed))}")
    return value


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
