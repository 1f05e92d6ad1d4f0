"""What people did about alerts: the log of each alert, and silences."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from monitoring.columns import MAX_USERNAME
from monitoring.models.alert import Alert
from monitoring.row_words import word

ACKNOWLEDGED, UNACKNOWLEDGED, COMMENTED = "acknowledged", "unacknowledged", "commented"
RESOLVED, SILENCED, WORSE, EXPIRED = "resolved", "silenced", "worse", "expired"
DEEDS = [
    (one, gettext_lazy(one)) for one in (ACKNOWLEDGED, UNACKNOWLEDGED, COMMENTED, RESOLVED, SILENCED, WORSE, EXPIRED)
]
REPEATS = [("", gettext_lazy("once")), ("daily", gettext_lazy("every day")), ("weekly", gettext_lazy("every week"))]


class AlertEntry(models.Model):
    """One line in an alert's log. `by` is empty if nobody did it: an acknowledgement ended by itself."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=MAX_USERNAME, blank=True)
    kind = models.CharField(max_length=16, choices=DEEDS)
    text = models.CharField(max_length=1000, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        if not self.by:
            return word(self.kind)
        return gettext("%(what)s by %(name)s") % {"what": word(self.kind), "name": self.by}


class SilenceQuerySet(models.QuerySet["Silence"]):
    def not_over(self, moment: datetime) -> Self:
        """Those that are in force at the moment or will be."""
        last = models.Q(ends_at__gt=moment) | ~models.Q(repeats="")
        return self.filter(last, models.Q(ended_at__isnull=True) | models.Q(ended_at__gt=moment))

    def numbered(self, number: int) -> Self:
        return self.filter(pk=number)

    def latest_first(self) -> Self:
        return self.order_by("-starts_at", "-id")

    def older_than(self, began: datetime, number: int) -> Self:
        """The silences after the one with that `place`, with the latest first."""
        same = models.Q(starts_at=began, pk__lt=number)
        return self.filter(models.Q(starts_at__lt=began) | same, starts_at__lte=began)


class Silence(models.Model):
    """While it is in force, nobody is told about alerts that match all its matchers.

    `matchers` maps rule, metric, severity, host, node, client or subject to a pattern, in which * stands for any text.
    A maintenance window starts later or repeats; its last one is not known if it repeats, until it is ended.
    """

    matchers = models.JSONField(default=dict)
    reason = models.CharField(max_length=1000)
    by = models.CharField(max_length=MAX_USERNAME)
    created_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    repeats = models.CharField(max_length=8, choices=REPEATS, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=MAX_USERNAME, blank=True)

    objects = SilenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="avatar_silence_by_end")]

    def __str__(self) -> str:
        return self.reason

    @property
    def place(self) -> tuple[datetime, int]:
        return self.starts_at, self.pk
