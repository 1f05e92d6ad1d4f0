"""Deletes what is past its retention, a little at a time; of the tiers only what has been rolled up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext, gettext_noop

from monitoring import conf
from monitoring.columns import timestamp
from monitoring.core.counted import counted
from monitoring.models import Alert, ClientSession, Disconnection, MinuteTrack, Node, Notice, Pending, PruneWatermark
from monitoring.models.tiers import COARSER, TIERS
from monitoring.parsers import FOREVER
from monitoring.storage import forgetting

BATCH = 1_000
"""How many sessions, alerts or nodes one statement deletes."""

NODES_AT_LEAST = timedelta(days=30)
"""Batches that a node kept on disk may be found this late, and its numbers identify copies of them."""

TRACKS = timedelta(hours=2)
"""How long after the last addition a minute's single seconds are kept for late data."""

MOST_SECONDS = 10.0
"""After this long the rest is left to the next run: the same worker has to store the journal."""
UNITS = (
    (gettext_noop("%(number)s days"), timedelta(days=1)),
    (gettext_noop("%(number)s hours"), timedelta(hours=1)),
    (gettext_noop("%(number)s minutes"), timedelta(minutes=1)),
)
SECONDS = gettext_noop("%(number)s seconds"), timedelta(seconds=1)


@dataclass(slots=True)
class Pruned:
    minutes: int = 0
    hours: int = 0
    sessions: int = 0
    alerts: int = 0
    notices: int = 0
    nodes: int = 0
    blanked: int = 0

    def __str__(self) -> str:
        text = (
            f"deleted {counted(self.minutes, 'minute')}, {counted(self.hours, 'hour')}, "
            f"{counted(self.sessions, 'session')}, {counted(self.alerts, 'alert')}, "
            f"{counted(self.notices, 'notice')} and {counted(self.nodes, 'node')}"
        )
        return f"{text}, blanked the personal data of {counted(self.blanked, 'session')}" if self.blanked else text


def prune(now: datetime, seconds: float = MOST_SECONDS) -> Pruned:
    """Deletes what the settings no longer keep, for about this many seconds; the next run continues.

    Open sessions, firing alerts and nodes that are heard stay, and so does what is not rolled up yet. Hours stay at
    least as long as their minutes. Running twice, at the same time or after a crash does no harm.
    """
    settings = conf.current()
    # Nodes stay as long as rows or spill files may name them.
    longest = max(settings.keep_hours, settings.keep_minutes, NODES_AT_LEAST)
    deadline = time.monotonic() + seconds
    personal_until = kept_since(now, settings.keep_personal)
    # First: what people were promised must not wait for what takes long.
    blanked = 0 if personal_until is None else forgetting.blank(personal_until, deadline)
    _prune_rows(Disconnection.objects.all(), kept_since(now, settings.keep_sessions), deadline)
    _prune_rows(MinuteTrack.objects.all(), now - TRACKS, deadline)
    return Pruned(
        blanked=blanked,
        minutes=_prune_tier("minute", kept_since(now, settings.keep_minutes), deadline),
        hours=_prune_tier("hour", kept_since(now, settings.keep_hours), deadline),
        sessions=_prune_rows(ClientSession.objects.closed(), kept_since(now, settings.keep_sessions), deadline),
        alerts=_prune_rows(Alert.objects.resolved(), kept_since(now, settings.keep_alerts), deadline),
        notices=_prune_rows(Notice.objects.all(), kept_since(now, settings.keep_alerts), deadline),
        nodes=_prune_rows(Node.objects.departed(), kept_since(now, longest), deadline),
    )


def _prune_tier(tier: str, before: datetime | None, deadline: float) -> int:
    deleted = 0
    if before is not None:
        limit = TIERS[COARSER[tier]].start_of(before.timestamp())
        while time.monotonic() < deadline and (rows := _prune_oldest(tier, limit)):
            deleted += rows
    return deleted


@transaction.atomic
def _prune_oldest(tier: str, limit: int) -> int:
    """Deletes the tier's rows of the oldest hour or day before the limit; returns 0 if none can be deleted."""
    watermarks = PruneWatermark.objects.lock()
    fine, coarse = TIERS[tier], TIERS[COARSER[tier]]
    if tier == "hour":
        limit = min(limit, coarse.start_of(watermarks["minute"].pruned_until))
    oldest = fine.objects.oldest()
    epoch = limit if oldest is None or oldest >= limit else coarse.start_of(oldest)
    if Pending.objects.any_between(epoch, epoch + coarse.SECONDS):
        return 0
    watermarks[tier].move_to(min(limit, epoch + coarse.SECONDS))
    return fine.objects.between(timestamp(epoch), timestamp(min(limit, epoch + coarse.SECONDS))).delete()[0]


def _prune_rows(rows: models.QuerySet[Any], before: datetime | None, deadline: float) -> int:
    """Deletes rows that ended before the moment, and what belongs to them, which is not counted; the query set
    determines the column."""
    deleted, name = 0, rows.model._meta.label
    while before is not None and time.monotonic() < deadline:
        found = rows.ended_before(before)  # type: ignore[attr-defined]
        _, by_model = found.filter(pk__in=list(found.values_list("pk", flat=True)[:BATCH])).delete()
        deleted += by_model.get(name, 0)
        if by_model.get(name, 0) < BATCH:
            break
    return deleted


def kept() -> list[tuple[str, str]]:
    """What is kept, finest first, and for how long, in words."""
    settings = conf.current()
    return [
        (gettext("Seconds"), _words(settings.keep_seconds)),
        (gettext("Minutes"), _words(settings.keep_minutes)),
        (gettext("Hours"), _words(settings.keep_hours)),
        (gettext("Days"), _words(FOREVER)),
        (gettext("Sessions"), _words(settings.keep_sessions)),
        (gettext("Addresses and users"), _words(min(settings.keep_personal, settings.keep_sessions))),
        (gettext("Alerts"), _words(settings.keep_alerts)),
    ]


def kept_since(now: datetime, keep: timedelta) -> datetime | None:
    """Records before this are no longer kept; None if all are kept."""
    return None if keep == FOREVER else now - keep


def _words(keep: timedelta) -> str:
    if keep == FOREVER:
        return gettext("forever")
    form, unit = next(((form, unit) for form, unit in UNITS if keep >= 2 * unit), SECONDS)
    return gettext(form) % {"number": f"{keep / unit:g}"}
