"""How far the journal was stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import models

from monitoring.core.records import BEGINNING


class JournalCursorQuerySet(models.QuerySet["JournalCursor"]):
    def positions(self, streams: Collection[str]) -> dict[str, str]:
        """The id of the last stored entry, "0-0" before the first, for each stream that is stored here."""
        return dict(self.filter(stream__in=streams).values_list("stream", "position"))

    def advance(self, cursor: JournalCursor, position: str, *, stored: int, set_aside: int) -> bool:
        """Advances the cursor from where it was read; False if another run has moved it meanwhile."""
        # The row stays locked until the transaction ends, so a second run waits here and then sees 0.
        moved = self.filter(pk=cursor.pk, position=cursor.position).update(
            position=position,
            stored=models.F("stored") + stored,
            set_aside=models.F("set_aside") + set_aside,
        )
        return moved == 1

    def last_drained(self) -> Self:
        """The cursor that was stored last, if any."""
        return self.filter(drained_at__isnull=False).order_by("-drained_at")[:1]

    def mark_drained(self, cursor: JournalCursor, moment: datetime) -> bool:
        """Records that everything up to the moment was stored; False if another run has moved the cursor meanwhile."""
        return self.filter(pk=cursor.pk, position=cursor.position).update(drained_at=moment) == 1


class JournalCursor(models.Model):
    """The id of the last stored entry of a stream, and how many batches were stored and set aside as unreadable."""

    stream = models.CharField(max_length=255, unique=True)
    position = models.TextField(default=BEGINNING)
    stored = models.BigIntegerField("batches stored", default=0)
    set_aside = models.BigIntegerField("entries set aside", default=0)
    drained_at = models.DateTimeField(null=True, blank=True)

    objects = JournalCursorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.stream} at {self.position}"
