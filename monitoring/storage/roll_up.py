"""Rolls minutes up to hours and hours to days; each is rebuilt whenever its finer rows have changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.db import transaction

from monitoring.columns import UNFIT, timestamp
from monitoring.core.counted import counted
from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.sample import Sample
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce
from monitoring.models import Day, Hour, Minute, Pending, PruneWatermark
from monitoring.models.aggregate import FLEET, Aggregate, AggregateQuerySet
from monitoring.models.tiers import FINER, TIERS
from monitoring.storage import rows
from monitoring.storage.turns import in_turns

logger = logging.getLogger(__name__)
said = SaidOnce(logger)

ROWS = 500
"""How many rows of the finer tier are in memory at a time."""

MOST_SECONDS = 30.0
"""The same worker has to store the journal."""

Owner = tuple[str, str, str]
"""Node, boot and host of a row."""

_FLEET: Owner = FLEET, "", ""


@dataclass(slots=True)
class RolledUp:
    hours: int = 0
    days: int = 0

    def __str__(self) -> str:
        return f"rolled up {counted(self.hours, 'hour')} and {counted(self.days, 'day')}"


def roll_up(seconds: float = MOST_SECONDS) -> RolledUp:
    """Rebuilds the pending hours, then the pending days, newest first, each in its own transaction.

    Running twice, at the same time or after a crash changes nothing. The next run does what changes meanwhile, and what
    is left after about this many seconds.
    """
    deadline = time.monotonic() + seconds
    return RolledUp(hours=_renew_pending("hour", deadline), days=_renew_pending("day", deadline))


def _renew_pending(tier: str, deadline: float) -> int:
    pending = takewhile(lambda _: time.monotonic() < deadline, Pending.objects.epochs(tier))
    return sum(_try_to_renew(tier, epoch) for epoch in in_turns(pending))


def _try_to_renew(tier: str, epoch: int) -> bool:
    try:
        return _renew(tier, epoch)
    except OtherFormatError as error:
        said.warn(f"The {tier}", str(epoch), f"it is left to a release that can read all of it: {error}")
        return False
    except UNFIT:
        # Whatever is wrong with it stays wrong until its data changes, which marks it again.
        logger.exception("Cannot roll up the %s from %s, skipping it", tier, epoch)
        Pending.objects.take(tier, epoch)
        return False


@transaction.atomic
def _renew(tier: str, epoch: int) -> bool:
    watermark = PruneWatermark.objects.lock()[FINER[tier]]
    if not Pending.objects.take(tier, epoch):
        return False  # another roll-up has made it since the list was read
    coarse, fine = TIERS[tier], TIERS[FINER[tier]]
    found = fine.objects.between(timestamp(epoch), timestamp(epoch + coarse.SECONDS))
    if fine is Minute:
        _fold_the_unfolded(found)
    sums = _summed(found.iterator(chunk_size=ROWS))
    if epoch < watermark.pruned_until:
        # These arrived after the other minutes of their hour were pruned, which the hour already contains.
        sums = _summed(coarse.objects.at([epoch]), sums)
        sums[_FLEET] = fold(NodeSample(node, host, sample) for (node, _, host), sample in sums.items() if node != FLEET)
        found.delete()
    coarse.objects.upsert([coarse.from_sample(*owner, sample) for owner, sample in sums.items()])
    if coarse is Hour:
        Pending.objects.mark("day", [Day.start_of(epoch)])
    return True


def _summed(rows: Iterable[Aggregate], sums: dict[Owner, Sample] | None = None) -> dict[Owner, Sample]:
    sums = sums or {}
    for row in rows:
        owner = row.node, row.boot, row.host
        sample = row.to_sample()
        sums[owner] = sums[owner] + sample if owner in sums else sample
    return sums


def _fold_the_unfolded(minutes: AggregateQuerySet[Any]) -> None:
    """Adds the fleet's rows for minutes of a release that had none."""
    folded = set(minutes.of_fleet().values_list("epoch", flat=True))
    unfolded = minutes.of_each_node().iterator(chunk_size=ROWS)
    rows.store_fleet(row for row in unfolded if row.epoch not in folded)
