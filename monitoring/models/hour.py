"""One node's minutes of one hour."""

from __future__ import annotations

from django.db import models

from monitoring.models.aggregate import Aggregate, constraints_of, indexes_of


class Hour(Aggregate):
    """Made of the hour's minutes; the current hour is complete up to the last stored minute."""

    SECONDS = 3_600
    TIME_FIELD = "hour"

    hour = models.DateTimeField()

    class Meta:
        constraints = constraints_of("hour", 3_600)
        indexes = indexes_of("hour")
        get_latest_by = "hour"
