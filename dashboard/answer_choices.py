"""What people may do about alerts on the pages, and the choices that the dialogs offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from dashboard.kiosk_mode import shown_mode
from dashboard.languages import gettext
from monitoring.access import ANSWER_PERMISSION

DURATIONS: Final = {
    "1h": gettext_noop("1 hour"),
    "4h": gettext_noop("4 hours"),
    "24h": gettext_noop("24 hours"),
    "": gettext_noop("Until it ends"),
}
LENGTHS: Final = {
    "15m": (gettext_noop("15 minutes"), timedelta(minutes=15)),
    "1h": (gettext_noop("1 hour"), timedelta(hours=1)),
    "4h": (gettext_noop("4 hours"), timedelta(hours=4)),
    "24h": (gettext_noop("24 hours"), timedelta(hours=24)),
    "7d": (gettext_noop("7 days"), timedelta(days=7)),
}
MATCHER_FIELDS: Final = {
    "rule": gettext_noop("Rule"),
    "metric": gettext_noop("Metric"),
    "severity": gettext_noop("Severity"),
    "host": gettext_noop("Host"),
    "node": gettext_noop("Node"),
    "client": gettext_noop("Client"),
    "subject": gettext_noop("Subject"),
}
REPEATS: Final = {"": gettext_noop("Once"), "daily": gettext_noop("Every day"), "weekly": gettext_noop("Every week")}


def may_answer(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    if shown_mode(request):
        return False
    return hasattr(user, "has_perm") and user.has_perm(ANSWER_PERMISSION)  # type: ignore[union-attr]


def answer_context(request: HttpRequest) -> dict[str, Any]:
    """What the dialogs need, and whether this person sees them."""
    return {
        "may_answer": may_answer(request),
        "durations": _told(DURATIONS),
        "lengths": _told({value: label for value, (label, _) in LENGTHS.items()}),
        "matcher_fields": _told(MATCHER_FIELDS),
        "repeats": _told(REPEATS),
    }


def _told(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, gettext(label)) for value, label in labels.items()]
