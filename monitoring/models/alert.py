"""The rows of alerts: one for each episode, from the moment an alert begins to fire to the moment it is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

import msgspec
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.columns import MAX_USERNAME
from monitoring.core.alert_episodes import NodeAlert
from monitoring.models.alert_units import limit_unit, what_units_need
from monitoring.models.node import Node
from monitoring.models.progress import JournalCursor
from monitoring.row_words import alert_row

STATES = {"firing": _("Firing"), "resolved": _("Resolved"), "unknown": _("Not known")}
"""The states that readers see, and their labels."""

TOLD_LATELY = timedelta(minutes=5)
"""After this long without storing, nothing is known of now; five runs of the task that stores the journal."""


class AlertQuerySet(models.QuerySet["Alert"]):
    def firing(self) -> Self:
        """Episodes without a stored end."""
        return self.filter(ended_at__isnull=True)

    def in_state(self, state: str) -> Self:
        """The episodes that readers see as "firing", "resolved" or "unknown"."""
        if state == "resolved":
            return self.resolved()
        is_told = models.Q(stored_until__isnull=True) | models.Q(stored_until__gt=timezone.now() - TOLD_LATELY)
        return self.firing().filter(is_told if state == "firing" else ~is_told)

    def resolved(self) -> Self:
        return self.filter(ended_at__isnull=False)

    def ended_before(self, moment: datetime) -> Self:
        # What ended by then also began by then, and there is an index for that.
        return self.filter(ended_at__lt=moment, started_at__lt=moment)

    def between(self, start: datetime, end: datetime) -> Self:
        """Episodes with any part in the range."""
        return self.filter(models.Q(ended_at__isnull=True) | models.Q(ended_at__gt=start), started_at__lt=end)

    def numbered(self, number: int) -> Self:
        return self.filter(pk=number)

    def having(self, numbers: Collection[int]) -> Self:
        return self.filter(pk__in=numbers)

    def acknowledged(self) -> Self:
        return self.filter(acknowledged_at__isnull=False)

    def unacknowledged(self) -> Self:
        return self.filter(acknowledged_at__isnull=True)

    def locked(self) -> Self:
        """The rows as they are once nobody else changes them, in an order in which nobody waits in a circle."""
        return self.order_by("pk").select_for_update(of=("self",))

    def of_client(self, client_id: str) -> Self:
        return self.filter(client_id=client_id)

    def of_rule(self, rule: str) -> Self:
        # Rows of older releases have none.
        return self.filter(models.Q(rule=rule) | models.Q(rule="", metric=rule))

    def of_severity(self, severity: str) -> Self:
        return self.filter(severity=severity)

    def of_metrics(self, metrics: Collection[str]) -> Self:
        return self.filter(metric__in=metrics)

    def of_node(self, node: str) -> Self:
        """Episodes of the node itself, of its clients and of its host."""
        hosts = Node.objects.named(node).values("host")
        of_its_clients = models.Q(node=node, client_id__gt="")
        return self.filter(models.Q(subject=node) | models.Q(subject__in=hosts) | of_its_clients)

    def about_any(self, subjects: Collection[str]) -> Self:
        return self.filter(subject__in=subjects)

    def not_over_before(self, moment: datetime) -> Self:
        """Episodes that fire, or ended at the moment or later."""
        return self.filter(models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=moment))

    def firing_at(self, moment: datetime) -> Self:
        """Episodes that had begun by the moment and were not over, including those that still fire."""
        return self.between(moment, moment + timedelta.resolution)

    def latest_first(self) -> Self:
        return self.order_by("-started_at", "-id")

    def older_than(self, began: datetime, number: int) -> Self:
        """The episodes after the one with that `place`, with the latest first."""
        same = models.Q(started_at=began, pk__lt=number)
        return self.filter(models.Q(started_at__lt=began) | same, started_at__lte=began)


class AlertManager(models.Manager["Alert"]):
    """Rows know until when they were kept up to date (while nothing is stored, nobody ends them), and their units."""

    def get_queryset(self) -> models.QuerySet[Alert]:
        stored = JournalCursor.objects.last_drained().values("drained_at")
        return super().get_queryset().annotate(stored_until=models.Subquery(stored), **what_units_need())


class Alert(models.Model):
    """One episode. A host's alert is one row however many of its nodes report it: `node` is the first of them.

    `value` is what it fired with, `peak` the highest since; both are in the metric's own unit. The row follows from
    `reports`, each node's alert, and is over when the last of these nodes says so or is no longer heard.
    """

    rule = models.CharField(
        max_length=64, db_default="", help_text=_("The rule's name; that of a built-in rule is its metric.")
    )
    metric = models.CharField(max_length=64)
    scope = models.CharField(max_length=16, blank=True, db_default="", help_text=_("host, node, fleet or client."))
    subject = models.CharField(max_length=255, help_text=_("The host, node or client that it is about."))
    severity = models.CharField(max_length=16)
    message = models.CharField(max_length=255)
    value = models.FloatField()
    threshold = models.FloatField()
    peak = models.FloatField()
    last = models.FloatField(null=True, blank=True, help_text=_("The latest value; empty while it is unknown."))
    last_at = models.DateTimeField(null=True, blank=True)
    grouped = models.BooleanField(db_default=False, help_text=_("About many clients: its values are how many."))
    examples = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True, help_text=_("Some of these clients.")
    )
    flapping = models.BooleanField(db_default=False)
    reason = models.CharField(
        max_length=16, blank=True, db_default="", help_text=_("Why, if its value was not known: no data or error.")
    )
    host = models.CharField(max_length=255)
    node = models.CharField(max_length=255)
    boot = models.CharField(max_length=32)
    client_id = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(max_length=32, blank=True, help_text=_("Why, when its value did not come down."))
    reports = models.JSONField(default=list, help_text=_("Each node's alert; empty in rows of older releases."))
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=MAX_USERNAME, blank=True, db_default="")
    acknowledged_until = models.DateTimeField(null=True, blank=True)
    acknowledged_peak = models.FloatField(null=True, blank=True)
    acknowledged_severity = models.CharField(max_length=16, blank=True, db_default="")

    objects = AlertManager.from_queryset(AlertQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "metric", "subject"],
                condition=models.Q(ended_at__isnull=True),
                name="monitoring_alert_fires_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-started_at"], name="monitoring_alert_by_start"),
            models.Index(fields=["ended_at"], name="monitoring_alert_by_end"),
            models.Index(fields=["metric", "subject", "-started_at"], name="monitoring_alert_by_subject"),
            models.Index(fields=["rule", "subject", "-started_at"], name="monitoring_alert_by_rule"),
            models.Index(fields=["client_id", "-started_at"], name="monitoring_alert_by_client"),
            models.Index(
                fields=["-started_at"],
                condition=models.Q(acknowledged_at__isnull=False),
                name="avatar_alert_acknowledged",
            ),
            models.Index(fields=["ended", "-ended_at"], name="avatar_alert_by_ending"),
        ]
        get_latest_by = "started_at"
        permissions = [("answer_alert", "Can acknowledge, silence and resolve alerts")]

    def __str__(self) -> str:
        return alert_row(self.rule or self.metric, self.subject, self.state)

    @property
    def node_alerts(self) -> list[NodeAlert]:
        """Each node's alert that it is made of, as copies."""
        if self.reports:
            return msgspec.convert(self.reports, list[NodeAlert])
        return [
            NodeAlert(
                boot=self.boot,
                node=self.node,
                host=self.host,
                since=self.started_at.timestamp(),
                severity=self.severity,
                message=self.message,
                value=self.value,
                threshold=self.threshold,
                peak=self.peak,
                until=None if self.ended_at is None else self.ended_at.timestamp(),
                ended=self.ended,
            )
        ]

    @property
    def place(self) -> tuple[datetime, int]:
        return self.started_at, self.pk

    @property
    def state(self) -> str:
        """ "unknown" if no end is stored because nothing is stored: its node, or the whole site, may be gone."""
        if self.ended_at is not None:
            return "resolved"
        return "firing" if self.known_until is None else "unknown"

    @property
    def known_until(self) -> datetime | None:
        """Since when nobody knows whether it fires; None if it fires or is over."""
        # Rows that were created and not read have none.
        stored_until: datetime | None = getattr(self, "stored_until", None)
        if self.ended_at is not None or stored_until is None:
            return None
        return None if stored_until > timezone.now() - TOLD_LATELY else max(self.started_at, stored_until)

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has acknowledged it, and until later than now."""
        until = self.acknowledged_until
        return self.acknowledged_at is not None and (until is None or until > timezone.now())

    @property
    def present(self) -> float:
        """The latest value; while that is not known, what it fired with."""
        return self.value if self.last is None else self.last

    @property
    def unit(self) -> str:
        """The unit of value, last and peak: one about many clients counts these, one without data the seconds."""
        return "clients" if self.grouped else "s" if self.reason else self.limit_unit

    @property
    def limit_unit(self) -> str:
        """The unit of its threshold; empty if nobody knows one."""
        return limit_unit(self)

    @property
    def duration(self) -> timedelta:
        """How long it fired: until now while it still does, or as long as it is known to have fired."""
        return (self.ended_at or self.known_until or timezone.now()) - self.started_at
