"""One node's samples of one minute."""

from __future__ import annotations

from django.db import models

from monitoring.models.aggregate import Aggregate, constraints_of, indexes_of


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
