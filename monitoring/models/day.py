"""One node's hours of one UTC day."""

from __future__ import annotations

from django.db import models

from monitoring.models.aggregate import Aggregate, constraints_of, indexes_of


class Day(Aggregate):
    """Made of the UTC day's hours; days are never deleted."""

    SECONDS = 86_400
    TIME_FIELD = "day"

    day = models.DateTimeField()

    class Meta:
        constraints = constraints_of("day", 86_400)
        indexes = indexes_of("day")
        get_latest_by = "day"
