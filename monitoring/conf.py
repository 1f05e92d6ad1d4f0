"""What a project may set, in one typed object: each setting with its variable, its default and what is allowed.

Each is an environment variable, or a key of the same name in Django's setting `AVATAR_MONITORING`, which goes before
the environment. An error says which of the two has the bad value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from redis import RedisError

from monitoring import environment, parsers
from monitoring.core import address_masks
from monitoring.core.adaptive_interval import (
    CPU_BUDGET,
    LEAST_BUDGET,
    LONGEST_INTERVAL,
    METRICS_INTERVAL,
    MOST_BUDGET,
    SHORTEST_INTERVAL,
)
from monitoring.core.alert_rules import DEFAULT_THRESHOLDS, OF_HISTORY, PER_CLIENT, Rule, default_rules
from monitoring.core.client_states import NOISY_PER_SECOND
from monitoring.core.heartbeat import PINGS_PER_SECOND
from monitoring.core.kernel_watch import Watchable
from monitoring.parsers import Parser, boolean, duration, number, parse_variable, presentable
from monitoring.redis_connections import check_url


def variable(name: str, default: object, parse: Parser, *, secret: bool = False) -> Any:
    """A setting that the environment variable of this name sets."""
    return field(default=default, repr=not secret, metadata={"variable": name, "parse": parse})


REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
REDIS_URL_ALLOWED = (
    "the URL of one server, as a text: redis://user:password@host:6379/0, rediss://host:6379/0 with TLS or "
    "unix:///path/to/redis.sock?db=0; Redis Sentinel and Redis Cluster are not supported"
)
FOR_SECONDS = 10.0
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
    release: str = variable("AVATAR_RELEASE", "", parsers.release)
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
    alert_for_seconds: float = variable("AVATAR_ALERT_FOR_SECONDS", FOR_SECONDS, number(0, 3_600))
    monitor_cpu_budget: float = variable("AVATAR_MONITOR_CPU_BUDGET", CPU_BUDGET, number(LEAST_BUDGET, MOST_BUDGET))
    noisy_client_messages: float = variable("AVATAR_NOISY_CLIENT_MESSAGES", NOISY_PER_SECOND, number(1, 100_000))
    pings_per_second: float = variable("AVATAR_PINGS_PER_SECOND", PINGS_PER_SECOND, number(1, 10_000))
    kernel_watch: str = variable("AVATAR_KERNEL_WATCH", Watchable.REMOTE.value, parsers.choice(*Watchable))
    allowed_origins: tuple[str, ...] = variable("AVATAR_ALLOWED_ORIGINS", (), parsers.origins)
    api_tokens: tuple[str, ...] = variable("AVATAR_API_TOKENS", (), parsers.tokens, secret=True)
    operator_tokens: tuple[str, ...] = variable("AVATAR_OPERATOR_TOKENS", (), parsers.tokens, secret=True)
    otlp_endpoint: str = variable("AVATAR_OTLP_ENDPOINT", "", parsers.otlp_endpoint)
    alert_urls: tuple[str, ...] = variable("AVATAR_ALERT_URLS", (), parsers.alert_urls, secret=True)
    heartbeat_url: str = variable("AVATAR_HEARTBEAT_URL", "", parsers.heartbeat_url, secret=True)
    public_url: str = variable("AVATAR_PUBLIC_URL", "", parsers.public_url)
    keep_seconds: timedelta = variable("AVATAR_KEEP_SECONDS", timedelta(hours=2), duration("0s", "24h"))
    keep_minutes: timedelta = variable("AVATAR_KEEP_MINUTES", timedelta(days=30), KEPT)
    keep_hours: timedelta = variable("AVATAR_KEEP_HOURS", timedelta(days=400), KEPT)
    keep_sessions: timedelta = variable("AVATAR_KEEP_SESSIONS", timedelta(days=400), KEPT_SHORTLY)
    keep_alerts: timedelta = variable("AVATAR_KEEP_ALERTS", timedelta(days=400), KEPT_SHORTLY)
    keep_personal: timedelta = variable("AVATAR_KEEP_PERSONAL", timedelta(days=30), KEPT_SHORTLY)
    client_addresses: str = variable(
        "AVATAR_CLIENT_ADDRESSES", address_masks.FULL, parsers.choice(*address_masks.KINDS)
    )
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

    @property
    def alert_rules(self) -> dict[str, Rule]:
        """The built-in rules by name; those about history only if there is any."""
        rules = default_rules(self.alert_thresholds, self.alert_for_seconds)
        return {**rules, **OF_HISTORY} if self.redis_url else rules


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


def unquestioned(name: str) -> str:  # noqa: ARG001
    """The place of a value, if nobody asks."""
    return ""


def problems(mapping: Mapping[str, object], place: Callable[[str], str] = unquestioned) -> list[str]:
    """Every bad value in the mapping, one line each; `place` says where a name's value stands."""
    found = []
    mapping = given(mapping)
    for name, (_, parser) in VARIABLES.items():
        if name in mapping:
            try:
                parse_variable(name, mapping[name], parser)
            except ImproperlyConfigured as error:
                found.append(f"{error}{place(name)}")
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


def place(name: str) -> str:
    """Where a name's value stands, as an error adds it."""
    value = given(mapping()).get(name)
    # The site's own settings pass the environment on.
    is_variable = value is None or value == environment.variables().get(name)
    return " (environment variable)" if is_variable else " (in the setting AVATAR_MONITORING)"


def current() -> MonitoringSettings:
    """The settings of the running Django project, parsed once and again when one has changed.

    What they are made of is compared at each call, which takes four microseconds: Django signals what
    `override_settings` changes, but not what is assigned, deleted or changed in place. Raises ImproperlyConfigured.
    """
    global _parsed
    source = SettingsSource(
        dict(mapping()),
        environment.variables(),
        getattr(django_settings, "REDIS_URL", None),
        getattr(django_settings, "AVATAR_SPILL_DIR", None),
    )
    if _parsed is None or _parsed[0] != source:
        if bad := problems(source.values, place):
            raise ImproperlyConfigured(bad[0])
        _parsed = source, load(source.values, redis_url=_redis_url(source), spill_directory=_spill_directory(source))
    return _parsed[1]


def values() -> dict[str, object]:
    """What is set, by whichever goes first. Raises ImproperlyConfigured if the setting is no mapping."""
    return SettingsSource(dict(mapping()), environment.variables()).values


class SettingsSource(NamedTuple):
    """The settings as they are written."""

    mapping: dict[str, object]
    variables: dict[str, str]
    redis_url: object = None
    spill_directory: Any = None

    @property
    def values(self) -> dict[str, object]:
        return {**self.variables, **given(self.mapping)}


def _redis_url(source: SettingsSource) -> str:
    url = source.redis_url
    if url is not None and not isinstance(url, str):
        raise ImproperlyConfigured(f"The setting REDIS_URL is a {type(url).__name__}: must be {REDIS_URL_ALLOWED}")
    url = (url or "").strip()
    try:
        if url:
            check_url(url)
    except (RedisError, TypeError, ValueError, AttributeError) as error:
        is_known = url.startswith(REDIS_SCHEMES)
        reason = str(error) if is_known else f"must be {REDIS_URL_ALLOWED}"
        raise ImproperlyConfigured(f"REDIS_URL={presentable(url)}: {reason}") from None
    return url


def _spill_directory(source: SettingsSource) -> Path | None:
    try:
        return None if source.spill_directory is None else Path(source.spill_directory)
    except TypeError:
        raise ImproperlyConfigured(f"AVATAR_SPILL_DIR={source.spill_directory!r}: must be a path") from None


_parsed: tuple[SettingsSource, MonitoringSettings] | None = None
