"""The stored tiers, finest first: minutes, hours and days, each made of the one before."""

from __future__ import annotations

from django.db import models

from monitoring.models.aggregate import Aggregate, constraints_of, indexes_of


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
