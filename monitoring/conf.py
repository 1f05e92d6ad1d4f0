"""What a project may set, in one typed object: each setting with its variable, its default and what is allowed.

Django's setting ``AVATAR_MONITORING`` maps names to texts. Its keys are the names of the environment variables, so that
an error names what the operator typed. A project that does not use environment variables writes the mapping by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from redis import RedisError

from monitoring import parsers
from monitoring.core.adaptive_interval import (
    CPU_BUDGET,
    LEAST_BUDGET,
    LONGEST_INTERVAL,
    METRICS_INTERVAL,
    MOST_BUDGET,
    SHORTEST_INTERVAL,
)
from monitoring.core.alert_rules import DEFAULT_THRESHOLDS, PER_CLIENT
from monitoring.core.heartbeat import PINGS_PER_SECOND
from monitoring.parsers import Parser, boolean, duration, number, parse_variable, presentable
from monitoring.redis_connections import check_url


def variable(name: str, default: object, parse: Parser, *, secret: bool = False) -> Any:
    """A setting that the environment variable of this name sets."""
    return field(default=default, repr=not secret, metadata={"variable": name, "parse": parse})


KEPT, KEPT_SHORTLY = duration("2d", "100y", forever=True), duration("1d", "100y", forever=True)


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """What an operator may set; times in seconds, thresholds in the metric's own unit.

    Records that are kept `FOREVER` are never deleted. The last two are Django settings of their own, REDIS_URL and
    AVATAR_SPILL_DIR; without them there is no history, or none on disk.
    """

    enabled: bool = variable("AVATAR_MONITORING_ENABLED", True, boolean)
    site: str = variable("AVATAR_SITE", "", parsers.site)
    node_name: str = variable("AVATAR_NODE_NAME", "", parsers.node_name)
    metrics_interval: float = variable(
        "AVATAR_METRICS_INTERVAL", METRICS_INTERVAL, number(SHORTEST_INTERVAL, LONGEST_INTERVAL)
    )
    cpu_alert_threshold: float = variable(
        "AVATAR_CPU_ALERT_THRESHOLD", DEFAULT_THRESHOLDS["cpu_percent"], number(0, 100)
    )
    memory_alert_threshold: float = variable(
        "AVATAR_MEMORY_ALERT_THRESHOLD", DEFAULT_THRESHOLDS["memory_percent"], number(0, 100)
    )
    latency_alert_threshold: float = variable(
        "AVATAR_LATENCY_ALERT_THRESHOLD", DEFAULT_THRESHOLDS["latency_ms"], number(0, 60_000)
    )
    stale_client_seconds: float = variable(
        "AVATAR_STALE_CLIENT_SECONDS", DEFAULT_THRESHOLDS[PER_CLIENT], number(1, 86_400)
    )
    monitor_cpu_budget: float = variable("AVATAR_MONITOR_CPU_BUDGET", CPU_BUDGET, number(LEAST_BUDGET, MOST_BUDGET))
    pings_per_second: float = variable("AVATAR_PINGS_PER_SECOND", PINGS_PER_SECOND, number(1, 10_000))
    allowed_origins: tuple[str, ...] = variable("AVATAR_ALLOWED_ORIGINS", (), parsers.origins)
    api_tokens: tuple[str, ...] = variable("AVATAR_API_TOKENS", (), parsers.tokens, secret=True)
    otlp_endpoint: str = variable("AVATAR_OTLP_ENDPOINT", "", parsers.otlp_endpoint)
    keep_seconds: timedelta = variable("AVATAR_KEEP_SECONDS", timedelta(hours=2), duration("0s", "24h"))
    keep_minutes: timedelta = variable("AVATAR_KEEP_MINUTES", timedelta(days=30), KEPT)
    keep_hours: timedelta = variable("AVATAR_KEEP_HOURS", timedelta(days=400), KEPT)
    keep_sessions: timedelta = variable("AVATAR_KEEP_SESSIONS", timedelta(days=400), KEPT_SHORTLY)
    keep_alerts: timedelta = variable("AVATAR_KEEP_ALERTS", timedelta(days=400), KEPT_SHORTLY)
    redis_url: str = field(default="", repr=False)
    spill_directory: Path | None = None

    @property
    def alert_thresholds(self) -> dict[str, float]:
        return {
            "cpu_percent": self.cpu_alert_threshold,
            "memory_percent": self.memory_alert_threshold,
            "latency_ms": self.latency_alert_threshold,
            PER_CLIENT: self.stale_client_seconds,
        }


VARIABLES: dict[str, tuple[str, Parser]] = {
    one.metadata["variable"]: (one.name, one.metadata["parse"]) for one in fields(MonitoringSettings) if one.metadata
}


def given(mapping: Mapping[str, object]) -> dict[str, object]:
    """What the mapping sets; None and blank texts count as unset: `NAME=` is how compose files leave a variable out."""
    return {name: value for name, value in mapping.items() if value is not None and str(value).strip()}


def unknown_names(mapping: Mapping[str, object], known: Mapping[str, object]) -> list[str]:
    """One line for every unknown name: most are typing errors."""
    lines = []
    for name in mapping:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            lines.append(f"{name} is not a known variable" + (f"; did you mean {near[0]}?" if near else ""))
    return lines


def problems(mapping: Mapping[str, object]) -> list[str]:
    """Every bad value in the mapping, one line each."""
    found = []
    mapping = given(mapping)
    for name, (_, parser) in VARIABLES.items():
        if name in mapping:
            try:
                parse_variable(name, mapping[name], parser)
            except ImproperlyConfigured as error:
                found.append(str(error))
    return found


def load(mapping: Mapping[str, object], **more: Any) -> MonitoringSettings:
    """Settings from the mapping and `more` of their fields, with defaults for what is missing.

    Raises ImproperlyConfigured on the first bad value; `problems` lists them all.
    """
    mapping = given(mapping)
    values = {
        name: parse_variable(variable, mapping[variable], parser)
        for variable, (name, parser) in VARIABLES.items()
        if variable in mapping
    }
    return MonitoringSettings(**values, **more)


def mapping() -> Mapping[str, object]:
    """The running project's mapping, whatever it holds. Raises ImproperlyConfigured if it is none."""
    found = getattr(django_settings, "AVATAR_MONITORING", None)
    if found is not None and not isinstance(found, Mapping):
        raise ImproperlyConfigured(
            f"AVATAR_MONITORING={presentable(str(found))}: must be a dict of variables' names and their values"
        )
    return found or {}


def current() -> MonitoringSettings:
    """The settings of the running Django project, parsed once and again when a setting has changed.

    What they are made of is compared at each call, which takes two microseconds: Django signals what
    `override_settings` changes, but not what is assigned, deleted or changed in place.
    """
    global _parsed
    source = SettingsSource(
        dict(mapping()),
        getattr(django_settings, "REDIS_URL", None),
        getattr(django_settings, "AVATAR_SPILL_DIR", None),
    )
    if _parsed is None or _parsed[0] != source:
        _parsed = source, load(source.mapping, redis_url=_redis_url(source), spill_directory=_spill_directory(source))
    return _parsed[1]


class SettingsSource(NamedTuple):
    """Django's settings as they are written."""

    mapping: dict[str, object]
    redis_url: str | None
    spill_directory: str | Path | None


def _redis_url(source: SettingsSource) -> str:
    url = source.redis_url or ""
    try:
        if url:
            check_url(url)
    except (RedisError, TypeError, ValueError, AttributeError) as error:
        raise ImproperlyConfigured(f"REDIS_URL={presentable(str(url))}: {error}") from None
    return url


def _spill_directory(source: SettingsSource) -> Path | None:
    try:
        return None if source.spill_directory is None else Path(source.spill_directory)
    except TypeError:
        raise ImproperlyConfigured(f"AVATAR_SPILL_DIR={source.spill_directory!r}: must be a path") from None


_parsed: tuple[SettingsSource, MonitoringSettings] | None = None
