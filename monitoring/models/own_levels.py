"""The project's own gauges in a column of JSON: for each name its count, sum, lowest, highest and two flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitoring.core.stats.sample import OwnLevel


def own_levels(stored: Mapping[str, Sequence[Any]] | None) -> dict[str, OwnLevel]:
    """The project's own gauges as `from_sample` stores them; what a later release adds to one is ignored."""
    return {
        name: OwnLevel(count, total, low, high, bool(added), bool(bounded))
        for name, (count, total, low, high, added, bounded, *_) in (stored or {}).items()
    }


def stored_levels(gauges: Mapping[str, OwnLevel]) -> dict[str, Sequence[float]]:
    """The same the other way round; those without readings are left out."""
    return {
        name: [gauge.count, gauge.sum, gauge.min, gauge.max, int(gauge.added), int(gauge.bounded)]
        for name, gauge in gauges.items()
        if gauge.count
    }
