"""How far storing has come: the journal's cursor, the stretches still to roll up, and what was pruned."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self

from django.db import models

from monitoring.core.records import BEGINNING

PRUNED_TIERS = ("hour", "minute")
"""Days are never deleted."""


class PruneWatermarkQuerySet(models.QuerySet["PruneWatermark"]):
    def lock(self) -> dict[str, PruneWatermark]:
        """Each tier's watermark. Needs a transaction, and any other caller waits until that ends.

        Storing, rolling up and pruning all begin with it: a roll-up that reads an hour's minutes while ingest adds to
        them would lose these, and ingest that adds to a minute while it is pruned would count it twice.
        """
        found = {mark.tier: mark for mark in self.select_for_update().order_by("tier")}
        if len(found) == len(PRUNED_TIERS):
            return found
        self.bulk_create((PruneWatermark(tier=tier) for tier in PRUNED_TIERS), ignore_conflicts=True)
        return self.lock()

    def pruned_until(self) -> dict[str, int]:
        """The tiers' current watermarks, for readers."""
        return dict.fromkeys(PRUNED_TIERS, 0) | dict(self.values_list("tier", "pruned_until"))


class PruneWatermark(models.Model):
    """Rows of the tier that begin before `pruned_until`, UTC epoch seconds, live on only in the coarser tier."""

    tier = models.CharField(max_length=8, unique=True)
    pruned_until = models.BigIntegerField(default=0)

    objects = PruneWatermarkQuerySet.as_manager()

    class Meta:
        # Its name in databases of all releases.
        db_table = "avatar_monitoring_horizon"

    def __str__(self) -> str:
        return f"{self.tier}s before {self.pruned_until}"

    def move_to(self, epoch: int) -> None:
        """Records that everything before the epoch second was deleted; it never goes back."""
        self.pruned_until = max(self.pruned_until, epoch)
        self.save(update_fields=["pruned_until"])


class PendingQuerySet(models.QuerySet["Pending"]):
    def mark(self, tier: str, epochs: Iterable[int]) -> None:
        """Records that these hours or days have to be rebuilt."""
        self.bulk_create((Pending(tier=tier, epoch=epoch) for epoch in sorted(epochs)), ignore_conflicts=True)

    def epochs(self, tier: str) -> list[int]:
        """The starts of the tier's pending rows, newest first."""
        return list(self.filter(tier=tier).order_by("-epoch").values_list("epoch", flat=True))

    def take(self, tier: str, epoch: int) -> bool:
        """Removes the record; False if another run has done so."""
        return self.filter(tier=tier, epoch=epoch).delete()[0] == 1

    def any_between(self, start: int, end: int) -> bool:
        """Whether any hour or day that begins there is still to be made."""
        return self.filter(epoch__gte=start, epoch__lt=end).exists()


class Pending(models.Model):
    """One hour or day, by its start in UTC epoch seconds."""

    tier = models.CharField(max_length=8)
    epoch = models.BigIntegerField()

    objects = PendingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tier", "epoch"], name="monitoring_pending_once")]

    def __str__(self) -> str:
        return f"{self.tier} from {self.epoch}"


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
