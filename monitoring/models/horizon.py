"""Up to when a tier's rows were deleted."""

from __future__ import annotations

from django.db import models

PRUNED_TIERS = ("hour", "minute")
"""Days are never deleted."""


class HorizonQuerySet(models.QuerySet["Horizon"]):
    def lock(self) -> dict[str, Horizon]:
        """Each tier's horizon. Needs a transaction, and any other caller waits until that ends.

        Storing, rolling up and pruning all begin with it: a roll-up that reads an hour's minutes while a drain adds to
        them would lose these, and a drain that adds to a minute while it is pruned would count it twice.
        """
        found = {horizon.tier: horizon for horizon in self.select_for_update().order_by("tier")}
        if len(found) == len(PRUNED_TIERS):
            return found
        self.bulk_create((Horizon(tier=tier) for tier in PRUNED_TIERS), ignore_conflicts=True)
        return self.lock()

    def pruned_until(self) -> dict[str, int]:
        """The tiers' current horizons, for readers."""
        return dict.fromkeys(PRUNED_TIERS, 0) | dict(self.values_list("tier", "pruned_until"))


class Horizon(models.Model):
    """Rows of the tier that begin before `pruned_until`, UTC epoch seconds, live on only in the coarser tier."""

    tier = models.CharField(max_length=8, unique=True)
    pruned_until = models.BigIntegerField(default=0)

    objects = HorizonQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.tier}s before {self.pruned_until}"

    def move_to(self, epoch: int) -> None:
        """Records that everything before the epoch second was deleted; it never goes back."""
        self.pruned_until = max(self.pruned_until, epoch)
        self.save(update_fields=["pruned_until"])
