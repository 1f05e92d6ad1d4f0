"""What the trends page shows around its charts: the choices, the facts and the links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_noop

from dashboard import periods
from dashboard.amount_texts import counted
from dashboard.breakdown_charts import departures_chart, verdicts_chart
from dashboard.events import events
from dashboard.languages import gettext, in_words, ngettext
from dashboard.periods import COMPARISONS, Period
from dashboard.rule_texts import limit_texts
from dashboard.shown_rules import known_rules, thresholds
from dashboard.trend_charts import Trend, as_json, trend_of
from monitoring.command_lines import manage
from monitoring.history.message_sizes import message_sizes
from monitoring.models import Minute, Node
from monitoring.moments import stamp
from monitoring.storage.prune import kept

LISTED_NODES = 100
HOUR = 3_600
UNITS = ((86_400, "day"), (3_600, "h"), (60, "min"), (1, "s"))
TIERS = {
    "second": gettext_noop("from the journal's seconds"),
    "minute": gettext_noop("from stored minutes"),
    "hour": gettext_noop("from stored hours"),
    "day": gettext_noop("from stored days"),
}


def trends_page(period: Period, now: datetime) -> dict[str, Any]:
    """The template's context."""
    trend = trend_of(period)
    happened = events(period, trend.alerts)
    export = _export_url(period)
    rules = known_rules().rules.values()
    limits = thresholds(rules)
    drawn = None if trend.is_empty else as_json(trend, happened, limits, export, limit_texts(rules, limits))
    if drawn is not None:
        drawn["stacks"] = [chart for chart in (verdicts_chart(period), departures_chart(period)) if chart]
    return {
        "period": period,
        "span": {"start": period.start.timestamp(), "end": period.end.timestamp()},
        "trend": drawn,
        "message_sizes": message_sizes(period.start, period.end, period.nodes),
        "stored": Minute.objects.exists(),
        "facts": [] if trend.is_empty else list(_facts(trend)),
        "event_rows": happened.rows(),
        "event_count": happened.count,
        "export": export,
        "command": _command(period, trend),
        "mark_command": manage("mark_deploy", "release 1.0"),
        "kept": in_words(kept),
        **_choices(period, now),
    }


def _choices(period: Period, now: datetime) -> dict[str, Any]:
    seen, every = Node.objects.seen_between(period.start, period.end).names(), Node.objects.names()
    names = every if period.gone else seen
    in_seconds = period.length.total_seconds() < HOUR
    wider = None if period.key else period.wider(now)
    return {
        "ranges": list(periods.LENGTHS),
        # A field accepts whole steps from the value that it was sent with, so that value must be one too.
        "step": 1 if in_seconds else 60,
        "field_format": r"Y-m-d\TH:i:s" if in_seconds else r"Y-m-d\TH:i",
        "wider": _query(wider) if wider else None,
        "comparisons": {name: gettext(label) for name, label in COMPARISONS.items()},
        "comparison": gettext(COMPARISONS[period.compare]) if period.compare else None,
        "nodes": names[:LISTED_NODES],
        "gone_nodes": len(every) - len(seen),
        "more_nodes": max(0, len(names) - LISTED_NODES),
    }


def _facts(trend: Trend) -> Iterator[str]:
    """How fine the values are, what they are made from, and how much of the range was measured."""
    one = trend.any_series
    beyond = round(trend.period.start.timestamp() - one.start + one.end - trend.period.end.timestamp())
    facts = {"width": per(one.bucket_seconds), "source": gettext(TIERS[one.tier])}
    if beyond:
        facts["length"] = length_text(beyond)
        yield gettext("one value per %(width)s, %(source)s, reaching %(length)s beyond the range") % facts
    else:
        yield gettext("one value per %(width)s, %(source)s") % facts
    yield gettext("%(share)s of the range was measured") % {"share": _percent(trend.measured)}
    if trend.earlier:
        yield gettext("dashed: %(what)s") % {"what": _compared(trend)}


def _compared(trend: Trend) -> str:
    """What the charts are compared with, and how much is known of it."""
    one, earlier = trend.any_series, next(iter(trend.earlier.values()))
    parts = [gettext(COMPARISONS[trend.period.compare])]
    if not trend.measured_earlier:
        return ", ".join([*parts, gettext("in which nothing was measured")])
    if earlier.bucket_seconds > one.bucket_seconds:
        parts.append(gettext("one value per %(width)s") % {"width": per(earlier.bucket_seconds)})
    if not trend.is_comparable:
        share = {"share": _percent(trend.measured_earlier)}
        parts.append(gettext("only %(share)s of which was measured") % share)
    return ", ".join(parts)


def _percent(share: float) -> str:
    if 0 < share < 0.0005:
        return gettext("less than %(share)s") % {"share": "0.1 %"}
    return f"{share * 100:.1f} %"


def per(seconds: int) -> str:
    """ "hour" for one hour, "6 h" for six."""
    words = {1: gettext("second"), 60: gettext("minute"), 3_600: gettext("hour"), 86_400: gettext("day")}
    return words.get(seconds) or bucket_text(seconds)


def bucket_text(seconds: int) -> str:
    """A bucket's width in the largest unit that divides it."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    amount = seconds // size
    return _days(amount) if unit == "day" else counted(amount, unit)


def _days(amount: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", amount) % {"count": amount}


def length_text(seconds: int) -> str:
    """A duration in its two largest units, such as "18 h 23 min"."""
    largest = next(index for index, (size, _) in enumerate(UNITS) if size <= seconds)
    amounts = []
    for size, _ in UNITS[largest : largest + 2]:
        amount, seconds = divmod(seconds, size)
        amounts += [bucket_text(amount * size)] if amount else []
    return " ".join(amounts)


def _query(period: Period) -> str:
    return urlencode(period.query, safe=":")


def _export_url(period: Period) -> str:
    return f"{reverse('avatar_monitoring:trends-export')}?{_query(period)}"


def _command(period: Period, trend: Trend) -> str:
    """The command that exports the rows behind the charts."""
    tier = trend.any_series.tier
    resolution = "minute" if tier == "second" else tier
    span = ("--from", stamp(period.start), "--to", stamp(period.end))
    node = ("--node", period.node) if period.node else ()
    return manage(
        "export_metrics", *span, *node, "--resolution", resolution, "--format", "csv", "--output", "metrics.csv"
    )
