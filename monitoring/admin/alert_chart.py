"""The chart above the admin's list of alerts: how many began in each hour, or in each longer step of a longer time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from django.contrib.admin.views.main import ChangeList
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from monitoring.admin.filters import PeriodFilter
from monitoring.columns import timestamp
from monitoring.models.alert_rule import SEVERITIES
from monitoring.moments import parse_moment, stamp

MOST_READ = 20_000
"""Alerts that are counted, the newest ones; an index gives them in this order, and no other row is read."""

Bounds: TypeAlias = tuple[datetime | None, datetime | None]

MOST_BARS = 168
"""The hours of a week."""

HOUR, DAY = 3_600, 86_400
STEPS = (HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 28 * DAY, 364 * DAY)
WIDTH, HEIGHT = 1_000, 100
"""Of the drawing, in its own units."""


@dataclass(frozen=True, slots=True)
class AlertBarPart:
    """The alerts of one severity in a bar."""

    severity: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class AlertBar:
    """The alerts that began in one step; `link` is the query string of the list that has only these."""

    start: str
    label: str
    told: str
    count: int
    x: float
    width: float
    parts: tuple[AlertBarPart, ...]
    link: str


@dataclass(frozen=True, slots=True)
class AlertChart:
    """`has_more` says that only the newest alerts were counted."""

    title: str
    bars: tuple[AlertBar, ...]
    most: int
    total: int
    first: str
    last: str
    has_more: bool


def chart_of(shown: ChangeList) -> AlertChart | None:
    """The chart of what a list finds, whichever of its pages is shown; None if it finds nothing."""
    found = shown.queryset.order_by("-started_at").values_list("started_at", "severity")
    now = timezone.now()
    start, end = _chosen(shown, now)
    if start is not None:
        found = found.filter(started_at__gte=start)
    read: list[tuple[datetime, str]] = list(found[: MOST_READ + 1])
    if not read:
        return None
    has_more = len(read) > MOST_READ
    since = read[-1][0] if start is None or has_more else start
    step = step_for(end - since)
    # The step in which the oldest one began would be too low.
    first = int(since.timestamp()) // step * step + (step if has_more else 0)
    counted = Counter((int(at.timestamp()) // step * step, severity) for at, severity in read)
    # The step that still goes on leads to all of it.
    chosen = (start, end if end < now else None)
    return _drawn(shown, counted, range(first, int(end.timestamp()), step), chosen, has_more=has_more)


def step_for(length: timedelta) -> int:
    """Seconds of a bar: hours, as long as there are not too many of them."""
    return next((step for step in STEPS if length.total_seconds() / step <= MOST_BARS), STEPS[-1])


def _chosen(shown: ChangeList, now: datetime) -> tuple[datetime | None, datetime]:
    """The time that the list shows."""
    start, end = _from_dates(shown, now)
    if start is None and end is None:
        period = next((one.range(now) for one in shown.filter_specs if isinstance(one, PeriodFilter)), None)
        return period or (None, now)
    return start, min(end or now, now)


def _from_dates(shown: ChangeList, now: datetime) -> tuple[datetime | None, datetime | None]:
    def given(part: str) -> str:
        values = shown.params.get(f"started_at__{part}")
        return str(values[-1] if isinstance(values, list) else values or "")

    if year := given("year"):
        month, day = given("month"), given("day")
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        longer = timedelta(days=1 if day else 31 if month else 366)
        end = (start + longer) if day else (start + longer).replace(day=1)
        return start, end if month else end.replace(month=1)
    since, until = (parse_moment(text, now) if (text := given(part)) else None for part in ("gte", "lt"))
    return since, until


def _drawn(
    shown: ChangeList, counted: Counter[tuple[int, str]], starts: range, chosen: Bounds, *, has_more: bool
) -> AlertChart:
    totals: Counter[int] = Counter()
    for (at, _), count in counted.items():
        totals[at] += count
    most = max((totals[at] for at in starts), default=0)
    width = WIDTH / max(1, len(starts))
    bars = tuple(
        _bar(
            _link(shown, at, starts.step, chosen),
            at,
            tuple(_parts(counted, at, most)),
            totals[at],
            x=index * width,
            width=width,
        )
        for index, at in enumerate(starts)
        if totals[at]
    )
    return AlertChart(
        title=title_of(starts.step),
        bars=bars,
        most=most,
        total=sum(bar.count for bar in bars),
        first=stamp(timestamp(starts.start)),
        last=stamp(timestamp(starts.stop)),
        has_more=has_more,
    )


def _link(shown: ChangeList, at: int, step: int, chosen: Bounds) -> str:
    """Of the step's part within the time that the list shows, because only its alerts were counted."""
    (since, until), start, end = chosen, timestamp(at), timestamp(at + step)
    within = {"started_at__gte": stamp(max(start, since or start)), "started_at__lt": stamp(min(end, until or end))}
    return shown.get_query_string({**within, "p": None}, ["started_at__", "period"])


def _bar(link: str, at: int, parts: tuple[AlertBarPart, ...], count: int, x: float, width: float) -> AlertBar:
    start = timestamp(at)
    gap = min(1.0, width / 5)
    return AlertBar(
        start=stamp(start),
        label=f"{start:%Y-%m-%d %H:%M:%S} UTC",
        told=ngettext("%(count)s alert", "%(count)s alerts", count) % {"count": count},
        count=count,
        x=round(x, 2),
        width=round(width - gap, 2),
        parts=parts,
        link=link,
    )


def _parts(counted: Counter[tuple[int, str]], at: int, most: int) -> Iterator[AlertBarPart]:
    known = [name for name, _ in SEVERITIES]
    others = {severity for start, severity in counted if start == at} - set(known)
    y = float(HEIGHT)
    for severity in [*known, *sorted(others)]:
        if count := counted[at, severity]:
            height = count / most * HEIGHT
            y -= height
            yield AlertBarPart(severity if severity in known else "other", round(y, 2), round(height, 2))


def title_of(step: int) -> str:
    """The heading of a chart whose bars are that many seconds wide."""
    if step == HOUR:
        return gettext("Alerts per hour")
    if step < DAY:
        return ngettext("Alerts per %(count)s hour", "Alerts per %(count)s hours", step // HOUR) % {
            "count": step // HOUR
        }
    days = step // DAY
    return gettext("Alerts per day") if days == 1 else gettext("Alerts per %(count)s days") % {"count": days}


def context(shown: ChangeList) -> dict[str, Any]:
    return {"chart": chart_of(shown), "chart_size": (WIDTH, HEIGHT)}
