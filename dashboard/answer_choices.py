"""What people may do about alerts on the pages, and the choices that the dialogs offer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest

from dashboard.kiosk_mode import shown_mode

ANSWER_PERMISSION: Final = "avatar_monitoring.answer_alert"
DURATIONS: Final = {"1h": "1 hour", "4h": "4 hours", "24h": "24 hours", "": "Until it ends"}
LENGTHS: Final = {
    "15m": ("15 minutes", timedelta(minutes=15)),
    "1h": ("1 hour", timedelta(hours=1)),
    "4h": ("4 hours", timedelta(hours=4)),
    "24h": ("24 hours", timedelta(hours=24)),
    "7d": ("7 days", timedelta(days=7)),
}
MATCHER_FIELDS: Final = {
    "rule": "Rule",
    "metric": "Metric",
    "severity": "Severity",
    "host": "Host",
    "node": "Node",
    "client": "Client",
    "subject": "Subject",
}
REPEATS: Final = {"": "Once", "daily": "Every day", "weekly": "Every week"}


def may_answer(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    if shown_mode(request):
        return False
    return hasattr(user, "has_perm") and user.has_perm(ANSWER_PERMISSION)  # type: ignore[union-attr]


def answer_context(request: HttpRequest) -> dict[str, Any]:
    """What the dialogs need, and whether this person sees them."""
    return {
        "may_answer": may_answer(request),
        "durations": list(DURATIONS.items()),
        "lengths": [(value, label) for value, (label, _) in LENGTHS.items()],
        "matcher_fields": list(MATCHER_FIELDS.items()),
        "repeats": list(REPEATS.items()),
    }
