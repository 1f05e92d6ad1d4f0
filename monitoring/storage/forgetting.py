"""Deletes and blanks personal data: addresses, users and browsers of old sessions, and all of one client or user."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from monitoring import conf
from monitoring.core.counted import counted
from monitoring.models import Alert, ClientSession, Disconnection
from monitoring.models.node import Site
from monitoring.models.session_queries import ClientSessionQuerySet
from monitoring.parsers import FOREVER

BATCH = 1_000
"""Rows of one statement."""

FORGOTTEN = "(forgotten)"
"""What stands in the place of a client's id in records that must stay."""


@dataclass(slots=True)
class Forgotten:
    """What is stored of one client or user, or was until it was deleted."""

    sessions: int = 0
    still_open: int = 0
    alerts: int = 0
    mentions: int = 0
    disconnections: int = 0

    def __str__(self) -> str:
        return (
            f"{counted(self.sessions, 'session')}, {counted(self.alerts, 'alert')}, "
            f"{counted(self.mentions, 'mention')} in alerts about many clients and the name in "
            f"{counted(self.disconnections, 'record')} of disconnections"
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
    naming = _naming(ids)
    found = Forgotten(closed.count(), sessions.open().count(), alerts.count(), len(naming), acted.count())
    if dry_run:
        return found
    _delete(closed)
    _delete(alerts)
    for alert in naming:
        _unname(alert.pk, ids)
    acted.update(client_id=FORGOTTEN)
    return found


def _naming(ids: set[str]) -> list[Alert]:
    """Alerts about many clients that name one of these among their examples."""
    grouped = Alert.objects.filter(grouped=True).only("pk", "examples", "reports")
    return [alert for alert in grouped.iterator() if ids.intersection(alert.examples or ())]


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
