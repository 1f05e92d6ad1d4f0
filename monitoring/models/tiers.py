"""One node's hours of one UTC day."""

from __future__ import annotations

from django.db import models

from monitoring.models.aggregate import Aggregate, constraints_of, indexes_of

COARSER = {"minute": "hour", "hour": "day"}
FINER = {coarse: fine for fine, coarse in COARSER.items()}


class Day(Aggregate):
    """Made of the UTC day's hours; days are never deleted."""

    SECONDS = 86_400
    TIME_FIELD = "day"

    day = models.DateTimeField()

    class Meta:
        constraints = constraints_of("day", 86_400)
        indexes = indexes_of("day")
        get_latest_by = "day"


class Hour(Aggregate):
    """Made of the hour's minutes; the current hour is complete up to the last stored minute."""

    SECONDS = 3_600
    TIME_FIELD = "hour"

    hour = models.DateTimeField()

    class Meta:
        constraints = constraints_of("hour", 3_600)
        indexes = indexes_of("hour")
        get_latest_by = "hour"


class Minute(Aggregate):
    """Made of all the samples that begin in the minute; `coverage` says how many of its 60 seconds were measured."""

    SECONDS = 60
    TIME_FIELD = "minute"

    minute = models.DateTimeField()

    class Meta:
        constraints = constraints_of("minute", 60)
        indexes = indexes_of("minute")
        get_latest_by = "minute"
        permissions = [("view_live", "Can watch the live pages")]


TIERS: dict[str, type[Aggregate]] = {"minute": Minute, "hour": Hour, "day": Day}
