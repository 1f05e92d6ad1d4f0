"""What operators did to clients: who disconnected which, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from monitoring.columns import MAX_USERNAME

LONGEST_REASON = 200


class DisconnectionQuerySet(models.QuerySet["Disconnection"]):
    def ended_before(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)


class Disconnection(models.Model):
    """One client that somebody asked to be disconnected; `outcome` is what its node answered, empty before it did."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.CharField(max_length=MAX_USERNAME)
    client_id = models.CharField(max_length=255)
    node = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    outcome = models.CharField(max_length=32, blank=True)

    objects = DisconnectionQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return gettext("%(what)s by %(name)s") % {"what": self.client_id, "name": self.by}
