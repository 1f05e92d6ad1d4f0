"""What a backtest was computed from, in the reader's language; `history.backtest` says the same in English."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.languages import gettext, ngettext
from monitoring.core.alert_rules import AlertScope
from monitoring.history.backtest_result import Backtest

SOURCES: Final = {
    ("second",): gettext_noop("computed from stored seconds, %(share)s of the time was measured"),
    ("minute",): gettext_noop("computed from stored minutes, %(share)s of the time was measured"),
    ("minute", "second"): gettext_noop("computed from stored minutes and seconds, %(share)s of the time was measured"),
}


def from_what(found: Backtest) -> str:
    """A sentence without its stop."""
    if found.note:
        return _why_recorded(found)
    if not found.is_measured:
        return gettext("nothing was measured in this time")
    tiers = tuple(sorted({span.tier for span in found.tiers}))
    made = gettext(SOURCES[tiers]) % {"share": _percent(found.coverage)}
    if found.at_least is None:
        return f"{made}; {gettext('of a minute only the value over all of it is known')}"
    if not found.open_minutes:
        return made
    left_open = ngettext(
        "of %(count)s minute the single seconds would matter",
        "of %(count)s minutes the single seconds would matter",
        found.open_minutes,
    )
    return f"{made}; {left_open % {'count': f'{found.open_minutes:,}'}}"


def _why_recorded(found: Backtest) -> str:
    if found.rule.scope is AlertScope.CLIENT:
        return gettext("client rules need single clients, which are not kept: these are the alerts that were recorded")
    sentence = gettext("%(metric)s is not kept in history: these are the alerts that were recorded")
    return sentence % {"metric": found.rule.metric}


def _percent(share: float) -> str:
    """Neither nothing nor everything unless it is."""
    if share < 0.001:
        return gettext("less than %(share)s") % {"share": "0.1 %"}
    return "100 %" if share >= 1 else f"{min(share * 100, 99.9):.1f} %"
