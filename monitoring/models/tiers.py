"""The stored tiers, finest first: minutes, hours and days, each made of the one before."""

from __future__ import annotations

from django.db import models
from django.db.models.constraints import BaseConstraint

from monitoring.core.stats.fields import FACTS
from monitoring.core.stats.sample import GAUGES
from monitoring.models.aggregate import Aggregate


def constraints_of(tier: str, seconds: int) -> list[BaseConstraint]:
    """The constraints of every tier: each start once per boot, limited coverage, percentages from 0 to 100."""
    table = f"monitoring_{tier}"
    percent = {
        f"{table}_{name}_in_range": models.Q(**{f"{name}_min__gte": 0, f"{name}_max__lte": 100})
        for name in GAUGES
        if FACTS[name].quantity.unit == "%"
    }
    return [
        # Its index also serves queries for one node over time, and so for the fleet.
        models.UniqueConstraint(fields=["node", tier, "boot"], name=f"{table}_once_per_boot"),
        models.CheckConstraint(
            condition=models.Q(coverage__gte=0, coverage__lte=seconds), name=f"{table}_coverage_in_range"
        ),
        *(models.CheckConstraint(condition=condition, name=name) for name, condition in percent.items()),
    ]


def indexes_of(tier: str) -> list[models.Index]:
    """For queries over all nodes in time order."""
    return [models.Index(fields=[tier, "node"], name=f"monitoring_{tier}_by_time")]


class Minute(Aggregate):
    """One node's samples of one minute: all that begin in it; `coverage` is how many of its seconds were measured."""

    SECONDS = 60
    TIME_FIELD = "minute"

    minute = models.DateTimeField()

    class Meta:
        constraints = constraints_of("minute", 60)
        indexes = indexes_of("minute")
        get_latest_by = "minute"
        permissions = [("view_live", "Can watch the live pages")]


class Hour(Aggregate):
    """One node's minutes of one hour; the current hour is complete up to the last stored minute."""

    SECONDS = 3_600
    TIME_FIELD = "hour"

    hour = models.DateTimeField()

    class Meta:
        constraints = constraints_of("hour", 3_600)
        indexes = indexes_of("hour")
        get_latest_by = "hour"


class Day(Aggregate):
    """One node's hours of one UTC day; days are never deleted."""

    SECONDS = 86_400
    TIME_FIELD = "day"

    day = models.DateTimeField()

    class Meta:
        constraints = constraints_of("day", 86_400)
        indexes = indexes_of("day")
        get_latest_by = "day"


TIERS: dict[str, type[Aggregate]] = {"minute": Minute, "hour": Hour, "day": Day}
COARSER = {"minute": "hour", "hour": "day"}
FINER = {coarse: fine for fine, coarse in COARSER.items()}
