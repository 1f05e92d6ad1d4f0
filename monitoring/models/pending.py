"""The hours and days whose finer rows have changed since they were made."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models


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
