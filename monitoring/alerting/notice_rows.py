"""Writes the rows of many notices at once: what firing costs the database does not grow with channels and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import router, transaction

from monitoring.models import Alert, AlertChannel, Notice, NoticeAlert
from monitoring.models.notice import ALERTMANAGER, FIRING, REPEATED, RESOLVED


@dataclass(frozen=True, slots=True)
class Planned:
    """A notice that is to be written, and the alerts it is about."""

    channel: AlertChannel
    kind: str
    group: str
    content: Mapping[str, Any]
    alerts: Sequence[Alert]

    @property
    def is_of_alertmanager(self) -> bool:
        """An Alertmanager is told every few minutes that alerts still fire, which is always the same row."""
        return self.kind == REPEATED and self.channel.kind == ALERTMANAGER


def write(planned: Sequence[Planned], now: datetime) -> None:
    """Writes all of them or, if it raises, none."""
    with transaction.atomic(using=router.db_for_write(Notice)):
        repeated = [one for one in planned if one.is_of_alertmanager]
        keys = Notice.objects.keys_of_repeated({one.channel.pk for one in repeated}) if repeated else {}
        rows = [_row(one, keys, now) for one in planned]
        again = {row.key for row in rows} & set(keys.values())
        if again:
            NoticeAlert.objects.filter(notice__key__in=again).delete()
        Notice.objects.upsert(rows)
        NoticeAlert.objects.bulk_create(_mentions(zip(rows, planned, strict=True)))


def _row(one: Planned, keys: Mapping[tuple[int, str], UUID], now: datetime) -> Notice:
    row = Notice(channel=one.channel, kind=one.kind, group=one.group, content=one.content, created_at=now, due_at=now)
    if one.is_of_alertmanager:
        row.key = keys.get((one.channel.pk, one.group), row.key)
    return row


def _mentions(rows: Iterable[tuple[Notice, Planned]]) -> Iterable[NoticeAlert]:
    for row, planned in rows:
        for alert in planned.alerts:
            state = FIRING if alert.ended_at is None else RESOLVED
            yield NoticeAlert(notice=row, alert=alert, state=state, severity=alert.severity, peak=alert.peak)
