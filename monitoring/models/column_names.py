"""What people call rows and their columns, in the reader's language.

The names are set once the models exist: a `verbose_name` in a model would be in the migrations, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Text: TypeAlias = "str | _StrPromise"

COLUMNS: Final[dict[str, Text]] = {
    "acknowledged_at": _("acknowledged at"),
    "acknowledged_by": _("acknowledged by"),
    "acknowledged_peak": _("acknowledged peak"),
    "acknowledged_severity": _("acknowledged severity"),
    "acknowledged_until": _("acknowledged until"),
    "added": _("added over nodes"),
    "alert": _("alert"),
    "at": _("at"),
    "attempts": _("attempts"),
    "boot": _("start of the process"),
    "by": _("by"),
    "bytes_received": _("bytes received"),
    "bytes_sent": _("bytes sent"),
    "cause": _("cause"),
    "changed_at": _("changed at"),
    "changed_by": _("changed by"),
    "channel": _("channel"),
    "claimed_until": _("claimed until"),
    "client": _("client"),
    "client_id": _("client id"),
    "close_code": _("close code"),
    "comparison": _("comparison"),
    "connected_at": _("connected at"),
    "connects": _("connects"),
    "content": _("content"),
    "created_at": _("created at"),
    "created_by": _("created by"),
    "day": _("day"),
    "definition": _("definition"),
    "disabled_at": _("disabled at"),
    "disabled_reason": _("disabled reason"),
    "disconnected_at": _("disconnected at"),
    "disconnects": _("disconnects"),
    "due_at": _("due at"),
    "duration_bucket": _("duration bucket"),
    "each_threshold": _("each threshold"),
    "enabled": _("enabled"),
    "ended": _("ended"),
    "ended_at": _("ended at"),
    "ended_by": _("ended by"),
    "ends_at": _("ends at"),
    "error": _("error"),
    "errors": _("errors"),
    "escalates_after_minutes": _("escalates after minutes"),
    "examples": _("examples"),
    "exchanged_at": _("exchanged at"),
    "exit_threshold": _("exit threshold"),
    "expires_at": _("expires at"),
    "first_seen": _("first seen"),
    "flapping": _("flapping"),
    "for_seconds": _("for seconds"),
    "fps_average": _("FPS, average"),
    "given_up_at": _("given up at"),
    "group": _("group"),
    "group_minutes": _("group minutes"),
    "grouped": _("grouped"),
    "host": _("host"),
    "hour": _("hour"),
    "keep_firing_seconds": _("keep firing seconds"),
    "key": _("key"),
    "kind": _("kind"),
    "label": _("label"),
    "last": _("last"),
    "last_at": _("last at"),
    "last_seen": _("last seen"),
    "latency_average_ms": _("latency average, ms"),
    "latency_p95_ms": _("latency p95, ms"),
    "matchers": _("matchers"),
    "message": _("message"),
    "message_rate": _("message rate"),
    "messages": _("messages"),
    "messages_sent": _("messages sent"),
    "metric": _("metric"),
    "minute": _("minute"),
    "name": _("name"),
    "no_data": _("no data"),
    "no_data_seconds": _("no data seconds"),
    "node": _("node"),
    "notice": _("notice"),
    "outcome": _("outcome"),
    "path": _("path"),
    "peak": _("peak"),
    "reason": _("reason"),
    "remote": _("address"),
    "repeat_minutes": _("repeat minutes"),
    "repeats": _("repeats"),
    "reports": _("reports"),
    "revoked_at": _("revoked at"),
    "revoked_by": _("revoked by"),
    "room": _("room"),
    "rule": _("rule"),
    "runbook": _("runbook"),
    "scope": _("scope"),
    "secret": _("secret"),
    "seen_at": _("seen at"),
    "sent_at": _("sent at"),
    "session_id": _("session id"),
    "severity": _("severity"),
    "started_at": _("started at"),
    "starts_at": _("starts at"),
    "state": _("state"),
    "subject": _("subject"),
    "target": _("target"),
    "tells_resolved": _("tells resolved"),
    "text": _("text"),
    "threshold": _("threshold"),
    "unit": _("unit"),
    "until": _("until"),
    "user": _("user"),
    "user_agent": _("user agent"),
    "value": _("value"),
    "versions": _("versions"),
    "was_hidden": _("was hidden"),
}

ROWS: Final[dict[str, tuple[Text, Text]]] = {
    "Alert": (_("alert"), _("alerts")),
    "AlertChannel": (_("alert channel"), _("alert channels")),
    "AlertEntry": (_("alert entry"), _("alert entries")),
    "AlertRule": (_("alert rule"), _("alert rules")),
    "ClientSession": (_("client session"), _("client sessions")),
    "Day": (pgettext_lazy("a row", "day"), pgettext_lazy("rows", "days")),
    "Disconnection": (_("disconnection"), _("disconnections")),
    "Hour": (pgettext_lazy("a row", "hour"), pgettext_lazy("rows", "hours")),
    "KioskToken": (_("kiosk token"), _("kiosk tokens")),
    "Marker": (_("marker"), _("markers")),
    "Minute": (pgettext_lazy("a row", "minute"), pgettext_lazy("rows", "minutes")),
    "Node": (_("node"), _("nodes")),
    "Notice": (_("notice"), _("notices")),
    "NoticeAlert": (_("notice alert"), _("notice alerts")),
    "OwnGauge": (_("own gauge"), _("own gauges")),
    "Silence": (_("silence"), _("silences")),
}


def column_name(column: str) -> Text:
    """As `Model._meta` names a column that has no name of its own, in the reader's language if it is known."""
    return COLUMNS.get(column) or column.replace("_", " ").replace(" mb", " MB")


def name_rows(models: Iterable[type[Model]]) -> None:
    """Gives models and their columns these names, where a column has none of its own."""
    for model in models:
        options = model._meta
        if model.__name__ in ROWS:
            options.verbose_name, options.verbose_name_plural = ROWS[model.__name__]
        for field in options.local_fields:
            if field._verbose_name is None:  # type: ignore[attr-defined]
                field.verbose_name = column_name(field.name)
