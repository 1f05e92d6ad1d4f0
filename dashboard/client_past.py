"""What the page of one client fetches: steps, sessions and alerts of a range, and how far back the journal goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from dashboard.alert_texts import headline
from dashboard.cause_texts import cause_text
from dashboard.events import alert_url
from dashboard.gates import BadRequestError, viewer_data
from dashboard.periods import LONGEST_NAME
from monitoring.columns import timestamp
from monitoring.core.inputs import echo, number, plain_text
from monitoring.history import client_history, seconds
from monitoring.models import Alert, ClientSession

LONGEST = timedelta(days=1)
"""The journal never holds more."""

FIRST_BATCH = timedelta(minutes=1)
"""An entry of the journal is about the time before it was written, an interval of a minute at most."""

MOST_ALERTS = 100


@viewer_data
def client_past(request: HttpRequest, client_id: str) -> dict[str, Any]:
    """The columns of the client's steps from `from`, UTC epoch seconds, until now. Without it, all that is held."""
    try:
        plain_text(client_id, LONGEST_NAME)
    except ValueError as error:
        raise BadRequestError(f"client_id={echo(client_id)}: must be {error}") from None
    end = timezone.now()
    held = seconds.span()
    start = max(_start(request, end), held[0] - FIRST_BATCH if held else end)
    found = client_history.history_of(client_id, start, end)
    alerts = Alert.objects.of_client(client_id).between(start, end).latest_first()[:MOST_ALERTS]
    return {
        "from": found.start.timestamp(),
        "to": end.timestamp(),
        "holds_from": held[0].timestamp() if held else None,
        "step": found.step,
        "complete": found.complete,
        "sessions": [_session(row) for row in found.sessions],
        "columns": found.columns,
        "alerts": [_alert(alert) for alert in alerts],
    }


def _start(request: HttpRequest, now: datetime) -> datetime:
    text = request.GET.get("from")
    if text is None:
        return now - LONGEST
    try:
        return max(timestamp(number(text, 0, now.timestamp())), now - LONGEST)
    except ValueError:
        raise BadRequestError(f"from={echo(text)}: must be UTC epoch seconds up to now") from None


def _session(row: ClientSession) -> dict[str, Any]:
    return {
        "connected_at": row.connected_at.timestamp(),
        "disconnected_at": row.disconnected_at and row.disconnected_at.timestamp(),
        "node": row.node,
        "ended": cause_text(row.cause) or row.ended,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    until = alert.ended_at or alert.known_until
    return {
        "start": alert.started_at.timestamp(),
        "end": until and until.timestamp(),
        "metric": alert.metric,
        "message": headline(alert),
        "url": alert_url(alert),
    }
