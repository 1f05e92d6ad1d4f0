"""The project's own gauges: what people call them, and how long they have been heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from monitoring.columns import fitting
from monitoring.core.own_gauges import LONGEST_LABEL, LONGEST_NAME, LONGEST_UNIT, NAME, GaugeDescription

MOST_KNOWN = 500
"""Names of which people can have charts; a project that makes up names as it goes gets no more."""


class OwnGaugeQuerySet(models.QuerySet["OwnGauge"]):
    def of(self, names: Iterable[str]) -> Self:
        # Some databases refuse to look for what no name can hold, such as a NUL.
        return self.filter(name__in=[name for name in names if NAME.fullmatch(name)])

    def names(self) -> list[str]:
        return list(self.order_by("name").values_list("name", flat=True))

    def added(self) -> dict[str, bool]:
        """Whether each is added over nodes, by name."""
        return dict(self.order_by("name").values_list("name", "added"))

    def seen_between(self, start: datetime, end: datetime) -> Self:
        """Those that some node had at some time from `start` to `end`, by name."""
        return self.filter(first_seen__lt=end, last_seen__gte=start).order_by("name")

    def note(self, heard: Collection[GaugeDescription], since: datetime, until: datetime) -> None:
        """Remembers what nodes have said about these gauges, each under its name once, and when they had them."""
        known = {gauge.name: gauge for gauge in self.of(gauge.name for gauge in heard)}
        new = [gauge for gauge in heard if gauge.name not in known]
        if new:
            new = new[: max(0, MOST_KNOWN - self.count())]
        self.bulk_create(
            [
                OwnGauge(
                    name=gauge.name,
                    label=fitting(gauge.label, LONGEST_LABEL),
                    unit=fitting(gauge.unit, LONGEST_UNIT),
                    added=gauge.added,
                    first_seen=min(known[gauge.name].first_seen, since) if gauge.name in known else since,
                    last_seen=max(known[gauge.name].last_seen, until) if gauge.name in known else until,
                )
                for gauge in heard
                if gauge.name in known or gauge in new
            ],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["label", "unit", "added", "first_seen", "last_seen"],
        )


class OwnGauge(models.Model):
    """A number that the project measures itself; its values are in the minutes, hours and days of the nodes."""

    name = models.CharField(max_length=LONGEST_NAME, unique=True)
    label = models.CharField(max_length=LONGEST_LABEL, blank=True)
    unit = models.CharField(max_length=LONGEST_UNIT, blank=True)
    added = models.BooleanField(_("added over nodes"), default=False, help_text=_("Otherwise they are averaged."))
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    objects = OwnGaugeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.label or self.name
