"""Deletes and blanks personal data: addresses, users and browsers of old sessions, and all of one client or user."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils import timezone

from monitoring import conf
from monitoring.core.counted import counted
from monitoring.models import Alert, ClientSession, Disconnection, Notice
from monitoring.models.node import Site
from monitoring.models.session_queries import ClientSessionQuerySet
from monitoring.parsers import FOREVER

BATCH = 1_000
"""Rows of one statement."""

FORGOTTEN = "(forgotten)"
"""What stands in the place of a client's id in records that must stay."""

MOST_SEARCHED = 100
"""Ids of one query for them; SQLite's expressions have a limited depth."""

TEXTS = ("title", "text", "subject", "client_id", "summary", "message")
"""What may name a client in the content of a notice, and in what it says of each alert."""


@dataclass(slots=True)
class Forgotten:
    """What is stored of one client or user, or was until it was deleted."""

    sessions: int = 0
    still_open: int = 0
    alerts: int = 0
    mentions: int = 0
    notices: int = 0
    disconnections: int = 0

    def __str__(self) -> str:
        return (
            f"{counted(self.sessions, 'session')}, {counted(self.alerts, 'alert')}, "
            f"{counted(self.mentions, 'mention')} in alerts about many clients, and the name in "
            f"{counted(self.notices, 'notice')} and {counted(self.disconnections, 'record')} of disconnections"
        )


def blank(before: datetime, deadline: float, clock: Callable[[], float] = time.monotonic) -> int:
    """Blanks address, user and user agent of sessions that ended before the moment, until the deadline of the clock.

    How far this has come is recorded, so that a run reads only what follows. Returns how many rows it changed.
    """
    blanked = 0
    while clock() < deadline:
        with transaction.atomic():
            site = Site.objects.select_for_update().first()
            if site is None:
                return blanked
            found = ClientSession.objects.ended_between(site.blanked_until, before).personal()
            rows = list(found.order_by("disconnected_at").values_list("pk", "disconnected_at")[:BATCH])
            ClientSession.objects.filter(pk__in=[number for number, _ in rows]).blank()
            # Rows of one moment may be split between two batches.
            until = rows[-1][1] or before if len(rows) == BATCH else before
            site.blanked_until = max(site.blanked_until or until, until)
            site.save(update_fields=["blanked_until"])
        blanked += len(rows)
        if len(rows) < BATCH:
            break
    return blanked


def blank_late(rows: Iterable[ClientSession]) -> None:
    """Blanks unsaved rows of sessions that ended before their personal data's retention, such as those from a node's
    disk: `blank` has passed them already."""
    for row in rows:
        if row.disconnected_at is not None and is_too_old(row.disconnected_at):
            row.remote, row.user, row.user_agent = "", None, ""


def is_too_old(ended: datetime) -> bool:
    """Whether sessions that ended then have no personal data any more; `blank` may have passed that moment already."""
    keep = conf.current().keep_personal
    return keep != FOREVER and ended < timezone.now() - keep


def forget_client(client_id: str, *, dry_run: bool = False) -> Forgotten:
    """Deletes a client's ended sessions and its alerts, and its id where alerts and records name it among others.

    Sessions of further connections with the same id, such as ann#2, belong to it. An open session stays, because its
    node would store it again when it ends; `still_open` counts those. With `dry_run` it only counts.
    """
    return _forget(ClientSession.objects.of_client(client_id), _ids(client_id), dry_run=dry_run)


def forget_user(user: str, *, dry_run: bool = False) -> Forgotten:
    """Deletes all ended sessions of a user, and what is stored of the clients that were only this user's."""
    own = ClientSession.objects.of_user(user)
    ids = set(own.order_by().values_list("client_id", flat=True).distinct())
    others = ClientSession.objects.filter(client_id__in=ids).exclude(user=user)
    ids -= set(others.order_by().values_list("client_id", flat=True).distinct())
    return _forget(own, ids, dry_run=dry_run)


def _ids(client_id: str) -> set[str]:
    known = ClientSession.objects.of_client(client_id).order_by().values_list("client_id", flat=True).distinct()
    return {client_id, *known}


def _forget(sessions: ClientSessionQuerySet, ids: set[str], *, dry_run: bool) -> Forgotten:
    closed = sessions.closed()
    alerts = Alert.objects.filter(client_id__in=ids)
    acted = Disconnection.objects.filter(client_id__in=ids)
    naming, told = _naming(ids), _telling(ids)
    found = Forgotten(closed.count(), sessions.open().count(), alerts.count(), len(naming), len(told), acted.count())
    if dry_run:
        return found
    _delete(closed)
    _delete(alerts)
    for alert in naming:
        _unname(alert.pk, ids)
    for notice in told:
        notice.save(update_fields=["content"])
    acted.update(client_id=FORGOTTEN)
    return found


def _naming(ids: set[str]) -> list[Alert]:
    """Alerts about many clients that name one of these among their examples, or among those of one node."""
    grouped = Alert.objects.filter(grouped=True).only("pk", "examples", "reports")
    return [alert for alert in grouped.iterator() if not ids.isdisjoint(_named_by(alert))]


def _named_by(alert: Alert) -> set[str]:
    return {
        one for part in (alert.examples, *(report.get("examples") for report in alert.reports)) for one in part or ()
    }


def _telling(ids: set[str]) -> list[Notice]:
    """Notices that name one of these; their content does not any more, but it is not saved."""
    if not ids:
        return []
    longest_first = "|".join(re.escape(one) for one in sorted(ids, key=len, reverse=True))
    # As a whole word of ours: "ann" is neither in "anna" nor in "ann.lee".
    name = re.compile(rf"(?<![^\s,(])(?:{longest_first})(?=[,;:.)]*(?:\s|$))")
    found = []
    for notice in _with_any_in_their_text(ids).only("pk", "content").iterator():
        content = _redacted(name, notice.content)
        if content != notice.content:
            notice.content = content
            found.append(notice)
    return found


def _with_any_in_their_text(ids: set[str]) -> models.QuerySet[Notice]:
    """Notices that may name one of these; all of them if the database cannot tell fast."""
    notices = Notice.objects.annotate(written=Cast("content", models.TextField()))
    # In JSON, other characters may be written in another way.
    if len(ids) > MOST_SEARCHED or not all(one.isascii() and '"' not in one for one in ids):
        return notices
    return notices.filter(reduce(or_, (models.Q(written__contains=one) for one in ids)))


def _redacted(name: re.Pattern[str], content: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: name.sub(FORGOTTEN, str(content[key])) for key in TEXTS if key in content}
    alerts = {"alerts": [_redacted(name, one) for one in content["alerts"]]} if "alerts" in content else {}
    return {**content, **texts, **alerts}


@transaction.atomic
def _unname(number: int, ids: set[str]) -> None:
    """Takes these clients out of an alert's examples, in the row as it is once nobody else changes it."""
    rows = Alert.objects.numbered(number)
    rows.update(grouped=True)  # It is: this keeps other writers out, also where there are no locks for rows.
    for alert in rows.only("pk", "examples", "reports"):
        alert.examples = _without(ids, alert.examples)
        # What each node has reported of it names them, too.
        alert.reports = [one | {"examples": _without(ids, one.get("examples"))} for one in alert.reports]
        alert.save(update_fields=["examples", "reports"])


def _without(ids: set[str], examples: list[str] | None) -> list[str]:
    return [one for one in examples or () if one not in ids]


def _delete(rows: models.QuerySet[models.Model]) -> None:
    while numbers := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=numbers).delete()
