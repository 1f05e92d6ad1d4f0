"""Named moments, so that a chart shows what happened then: a deployment, a clock that was set, another version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.marker_words import clock_words, version_words

LONGEST_TEXT = 200
DEPLOY, CLOCK, VERSION = "deploy", "clock", "version"
KINDS = [(DEPLOY, _("marked by somebody")), (CLOCK, _("a clock that was set")), (VERSION, _("another version"))]
TOGETHER = timedelta(minutes=1)


class MarkerQuerySet(models.QuerySet["Marker"]):
    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(at__gte=start, at__lt=end)

    def mark_jump(self, at: datetime, host: str, seconds: float) -> None:
        """Marks that the clock of a host was set; its other nodes report the same and add no further mark."""
        text = f"{host}: clock set {'forward' if seconds > 0 else 'back'} by {_length(abs(seconds))}"[:LONGEST_TEXT]
        near = self.filter(kind=CLOCK, text=text, at__gte=at - TOGETHER, at__lte=at + TOGETHER)
        if not near.exists():
            self.create(kind=CLOCK, text=text, at=at)

    def mark_versions(self, at: datetime, text: str, undone: str, *, since: datetime) -> None:
        """Marks that a node started with other versions, unless the same change is marked since then and not `undone`.

        A node that is heard late may have started before the one that is marked already.
        """
        near = self.filter(kind=VERSION, at__gte=since, at__lte=at + (at - since))
        same = near.filter(text=text).latest_first().first()
        if same is None or near.filter(text=undone, at__gt=same.at).exists():
            self.create(kind=VERSION, text=text, at=at)

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def older_than(self, at: datetime, number: int) -> Self:
        """The markers after the one with that `place`, with the latest first."""
        return self.filter(models.Q(at__lt=at) | models.Q(at=at, pk__lt=number), at__lte=at)

    def latest_first(self) -> Self:
        return self.order_by("-at", "-id")


class Marker(models.Model):
    """A moment and its name."""

    at = models.DateTimeField(default=timezone.now, help_text=_("UTC."))
    text = models.CharField(max_length=LONGEST_TEXT)
    kind = models.CharField(max_length=16, choices=KINDS, default=DEPLOY)

    objects = MarkerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="monitoring_marker_by_time")]
        get_latest_by = "at"

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """What it says, in the reader's language; what somebody wrote as it is."""
        in_words = {CLOCK: clock_words, VERSION: version_words}.get(self.kind)
        return in_words(self.text) if in_words else self.text

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands among markers, newest first."""
        return self.at, self.pk


def _length(seconds: float) -> str:
    """In the unit that expresses it to about a hundredth."""
    seconds = round(seconds, 1)  # a clock set by two hours is a few milliseconds short of it
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds:.3g} s"
