"""How the site is at the moment, for `monitor_status`: what fires, which nodes run, and whether anybody could know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from django.utils import timezone
from redis import RedisError

from monitoring import conf, redis_connections
from monitoring.alerting import silences
from monitoring.alerting.environment_channels import GONE
from monitoring.core.counted import counted
from monitoring.core.notice_policy import rank
from monitoring.database_answer import wait_for_database
from monitoring.fleet import totals
from monitoring.fleet.totals import NodeTotals
from monitoring.history import alerts_now
from monitoring.journal import stream
from monitoring.journal.unstored import StoredJournal, stored_here
from monitoring.models import Alert, AlertChannel, JournalCursor
from monitoring.models.alert import TOLD_LATELY
from monitoring.site import SiteUnknownError
from monitoring.unmigrated import reason


class StatusLevel(IntEnum):
    """The states that monitoring plugins know, by their exit codes."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """One alert that fires, and whether anybody needs to be told."""

    alert: Alert
    is_silenced: bool

    @property
    def is_open(self) -> bool:
        """Whether nobody has acknowledged it and no silence hides it."""
        return not (self.alert.is_acknowledged or self.is_silenced)


@dataclass(slots=True)
class SiteStatus:
    """What is known at `at`; None is what is not. `blind` says why not even the alerts are known, each as a sentence.

    `journal_lag` is how long the oldest measurement has waited on its node, `store_lag` how long the oldest one has
    waited in the journal, both in seconds. `disabled_channels` failed for good; those that people have switched off,
    here or by taking their URL away, are not among them.
    """

    at: datetime
    blind: list[str] = field(default_factory=list)
    nodes: list[NodeTotals] | None = None
    alerts: list[FiringAlert] | None = None
    stored_until: datetime | None = None
    journal_lag: float | None = None
    store_lag: float | None = None
    silences: int = 0
    disabled_channels: list[AlertChannel] = field(default_factory=list)

    @property
    def clients(self) -> int | None:
        """Connected clients, None if a node has not said how many it has."""
        known = [node.server.active_connections for node in self.nodes or ()]
        counts = [count for count in known if count is not None]
        return sum(counts) if self.nodes is not None and len(counts) == len(known) else None

    @property
    def level(self) -> StatusLevel:
        """What is acknowledged or silenced does not count, and neither does what is only worth knowing."""
        if self.blind:
            return StatusLevel.UNKNOWN
        severities = {one.alert.severity for one in self.alerts or () if one.is_open}
        if "critical" in severities:
            return StatusLevel.CRITICAL
        if not self.nodes:
            return StatusLevel.UNKNOWN
        return StatusLevel.WARNING if "warning" in severities or self.disabled_channels else StatusLevel.OK

    def count(self, severity: str) -> int | None:
        """How many alerts of a severity fire that nobody has answered."""
        return self._how_many(lambda one: one.is_open and one.alert.severity == severity)

    @property
    def acknowledged(self) -> int | None:
        return self._how_many(lambda one: one.alert.is_acknowledged)

    @property
    def silenced(self) -> int | None:
        return self._how_many(lambda one: one.is_silenced)

    def _how_many(self, meets: Callable[[FiringAlert], bool]) -> int | None:
        return None if self.alerts is None else sum(map(meets, self.alerts))

    @property
    def problems(self) -> list[str]:
        """Why it is not OK besides alerts, one sentence each."""
        disabled = [
            f"channel {one.name} is disabled: {one.disabled_reason or 'it kept failing'}"
            for one in self.disabled_channels
        ]
        no_nodes = ["no node reports"] if self.nodes == [] else []
        return [*self.blind, *no_nodes, *disabled]


def site_status() -> SiteStatus:
    """Asks the database and Redis; what either does not tell is said in `blind`, and nothing is raised for it.

    Raises ImproperlyConfigured for a bad setting.
    """
    status = SiteStatus(timezone.now())
    settings = conf.current()
    if not settings.enabled:
        status.blind.append("monitoring is switched off: AVATAR_MONITORING_ENABLED=false")
    if not settings.redis_url:
        status.blind.append("the setting REDIS_URL is missing: nodes share and store nothing")
    journals: list[StoredJournal] = []
    try:
        wait_for_database()
        if settings.redis_url:
            journals = stored_here()
        _read_stored(status)
    except (Error, SiteUnknownError, ImproperlyConfigured) as error:
        status.blind.append(f"the database cannot be used: {reason(error).rstrip('.')}")
        return status
    if settings.redis_url:
        _say_if_not_stored(status)
        try:
            _read_live(status, settings.redis_url, journals)
        except (RedisError, SiteUnknownError) as error:
            # What it says may name the server, but no password.
            status.blind.append(f"Redis cannot be used: {' '.join(str(error).split()).rstrip('.')}")
    return status


def _read_stored(status: SiteStatus) -> None:
    firing = alerts_now.firing_now()
    known = silences.SilencesSince(status.at)
    status.silences = len(silences.in_force(status.at))
    status.alerts = sorted((FiringAlert(alert, known.hide(alert, status.at)) for alert in firing), key=_most_important)
    failed = AlertChannel.objects.filter(enabled=True, disabled_at__isnull=False).exclude(disabled_reason=GONE)
    status.disabled_channels = list(failed.by_name())
    status.stored_until = JournalCursor.objects.last_drained().values_list("drained_at", flat=True).first()


def _say_if_not_stored(status: SiteStatus) -> None:
    if status.stored_until is None:
        status.blind.append("nothing was ever stored: run Celery with beat, or store_history --loop")
    elif status.at - status.stored_until > TOLD_LATELY:
        minutes = int((status.at - status.stored_until).total_seconds() // 60)
        status.blind.append(f"nothing was stored for {counted(minutes, 'minute')}: is the Celery worker running?")


def _read_live(status: SiteStatus, redis_url: str, journals: list[StoredJournal]) -> None:
    with redis_connections.connect(redis_url) as client:
        nodes = totals.read(client)
        status.store_lag = max((stream.lag_seconds(client, position, keys) for keys, position in journals), default=0.0)
    status.nodes = nodes
    lags = [node.journal.lag_seconds for node in nodes if node.journal is not None]
    status.journal_lag = max(lags, default=None)


def _most_important(one: FiringAlert) -> tuple[bool, int, Any]:
    return not one.is_open, rank(one.alert.severity), one.alert.started_at
