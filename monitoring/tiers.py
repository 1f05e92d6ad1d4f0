"""The tiers of stored samples, finest first: each is made from the one before."""

from __future__ import annotations

from monitoring.models.aggregate import Aggregate
from monitoring.models.day import Day
from monitoring.models.hour import Hour
from monitoring.models.minute import Minute

TIERS: dict[str, type[Aggregate]] = {"minute": Minute, "hour": Hour, "day": Day}

COARSER = {"minute": "hour", "hour": "day"}
FINER = {coarse: fine for fine, coarse in COARSER.items()}
