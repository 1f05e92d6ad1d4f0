"""Typed settings from a mapping of names to texts; every bad value is one clear line.

The mapping is Django's setting ``AVATAR_MONITORING``. Its keys are the names of the environment variables, so that an
error names what the operator typed. A project that does not use environment variables writes the mapping by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from monitoring.core import inputs
from monitoring.core.heartbeat import PINGS_PER_SECOND
from monitoring.core.inputs import echo

Parser = Callable[[str], Any]

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "y": 365 * 86_400}
DURATION = re.compile(r"[0-9]{1,6}[smhdy]")
SITE = re.compile(r"[A-Za-z0-9-]{1,32}")
NODE_NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")
ORIGIN = re.compile(r"(?i:null)|file://|[A-Za-z][A-Za-z0-9+.-]*://[^/\s,?#@]+/?")
FOREVER = timedelta.max
SHORTEST_TOKEN = 20
SECRETS = {"AVATAR_API_TOKENS", "DJANGO_SECRET_KEY"}
"""Variables whose values never appear in a message."""
# In a URL, or in names and values as libpq takes them, each of which ends before the next name.
PASSWORD_IN_URL = re.compile(
    r"(?is)(://[^/@:]*:).*(?=@)|(\b\w*(?:password|passwd|pwd|token|secret|api_?key)=).*?(?=[&\s]\w+=|$)"
)
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """What an operator may set; times in seconds, thresholds in the metric's own unit.

    Records that are kept `FOREVER` are never deleted.
    """

    enabled: bool = True
    site: str = ""
    node_name: str = ""
    metrics_interval: float = 1.0
    cpu_alert_threshold: float = 80.0
    memory_alert_threshold: float = 85.0
    latency_alert_threshold: float = 100.0
    stale_client_seconds: float = 60.0
    monitor_cpu_budget: float = 1.0
    pings_per_second: float = PINGS_PER_SECOND
    allowed_origins: tuple[str, ...] = ()
    api_tokens: tuple[str, ...] = field(default=(), repr=False)
    otlp_endpoint: str = ""
    keep_seconds: timedelta = timedelta(hours=2)
    keep_minutes: timedelta = timedelta(days=30)
    keep_hours: timedelta = timedelta(days=400)
    keep_sessions: timedelta = timedelta(days=400)
    keep_alerts: timedelta = timedelta(days=400)

    @property
    def alert_thresholds(self) -> dict[str, float]:
        return {
            "cpu_percent": self.cpu_alert_threshold,
            "memory_percent": self.memory_alert_threshold,
            "latency_ms": self.latency_alert_threshold,
            "stale_client_seconds": self.stale_client_seconds,
        }


def boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("true", "1", "yes", "on"):
        return True
    if lowered in ("false", "0", "no", "off"):
        return False
    raise ValueError("true or false")


def number(low: float, high: float) -> Parser:
    return lambda text: inputs.number(text.strip(), low, high)


def duration(low: str, high: str, *, forever: bool = False) -> Parser:
    """A duration such as `90s`, `30m`, `2h`, `30d` or `1y` (365 days) within these limits; optionally also
    `forever`."""
    allowed = f"a duration from {low} to {high}, such as 90s, 30m, 2h or 30d" + (", or forever" if forever else "")

    def parse(text: str) -> timedelta:
        text = text.strip().lower()
        if forever and text == "forever":
            return FOREVER
        if not DURATION.fullmatch(text) or not _length(low) <= _length(text) <= _length(high):
            raise ValueError(allowed)
        return _length(text)

    return parse


def _length(text: str) -> timedelta:
    return timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])


def choice(*allowed: str) -> Parser:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(" or ".join(allowed))
        return text

    return parse


def words(text: str) -> list[str]:
    """The words between commas or spaces."""
    return [word for word in re.split(r"[,\s]+", text) if word]


def origins(text: str) -> tuple[str, ...]:
    """Origins of web pages, and of apps that show them under schemes of their own; optionally also `null`."""
    parts = words(text)
    if not all(ORIGIN.fullmatch(part) for part in parts):
        raise ValueError("origins such as https://example.com or capacitor://localhost, or null, separated by commas")
    return tuple(part if part.endswith("://") else part.removesuffix("/") for part in parts)


def tokens(text: str) -> tuple[str, ...]:
    parts = tuple(words(text))
    if any(len(part) < SHORTEST_TOKEN or not re.fullmatch(r"[!-~]+", part) for part in parts):
        raise ValueError(f"tokens of at least {SHORTEST_TOKEN} printable ASCII characters, separated by commas")
    return parts


def site(text: str) -> str:
    text = text.strip()
    if not SITE.fullmatch(text):
        raise ValueError("1 to 32 letters, digits and dashes")
    return text


def node_name(text: str) -> str:
    text = text.strip()
    if not NODE_NAME.fullmatch(text):
        raise ValueError("1 to 64 letters, digits, dots, dashes, underscores and colons")
    return text


def otlp_endpoint(text: str) -> str:
    """The URL of an OTLP receiver over HTTP; a URL without a path gets the usual one."""
    if not text.strip():
        return ""
    try:
        url = urlsplit(text.strip())
        known = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("a URL such as http://localhost:4318")
    return url._replace(path="/v1/metrics").geturl() if url.path in ("", "/") else url.geturl()


VARIABLES: dict[str, tuple[str, Parser]] = {
    "AVATAR_MONITORING_ENABLED": ("enabled", boolean),
    "AVATAR_SITE": ("site", site),
    "AVATAR_NODE_NAME": ("node_name", node_name),
    "AVATAR_METRICS_INTERVAL": ("metrics_interval", number(0.1, 60)),
    "AVATAR_CPU_ALERT_THRESHOLD": ("cpu_alert_threshold", number(0, 100)),
    "AVATAR_MEMORY_ALERT_THRESHOLD": ("memory_alert_threshold", number(0, 100)),
    "AVATAR_LATENCY_ALERT_THRESHOLD": ("latency_alert_threshold", number(0, 60_000)),
    "AVATAR_STALE_CLIENT_SECONDS": ("stale_client_seconds", number(1, 86_400)),
    "AVATAR_MONITOR_CPU_BUDGET": ("monitor_cpu_budget", number(0.01, 100)),
    "AVATAR_PINGS_PER_SECOND": ("pings_per_second", number(1, 10_000)),
    "AVATAR_ALLOWED_ORIGINS": ("allowed_origins", origins),
    "AVATAR_API_TOKENS": ("api_tokens", tokens),
    "AVATAR_OTLP_ENDPOINT": ("otlp_endpoint", otlp_endpoint),
    "AVATAR_KEEP_SECONDS": ("keep_seconds", duration("0s", "24h")),
    "AVATAR_KEEP_MINUTES": ("keep_minutes", duration("2d", "100y", forever=True)),
    "AVATAR_KEEP_HOURS": ("keep_hours", duration("2d", "100y", forever=True)),
    "AVATAR_KEEP_SESSIONS": ("keep_sessions", duration("1d", "100y", forever=True)),
    "AVATAR_KEEP_ALERTS": ("keep_alerts", duration("1d", "100y", forever=True)),
}


def parse_variable(name: str, text: object, parser: Parser) -> Any:
    """The parsed value of one variable. Raises ImproperlyConfigured with the variable, its value and what is
    allowed."""
    try:
        return parser(str(text))
    except ValueError as allowed:
        shown = "(hidden)" if name in SECRETS else presentable(str(text))
        raise ImproperlyConfigured(f"{name}={shown}: must be {allowed}") from None


def presentable(text: str) -> str:
    """The text for one line of an error: without passwords in URLs and line breaks, at most 200 characters."""
    return echo(PASSWORD_IN_URL.sub(r"\1\2***", text), LONGEST_SHOWN)


def given(mapping: Mapping[str, object]) -> dict[str, object]:
    """What the mapping sets. A blank text counts as unset: `NAME=` is how a compose file leaves a variable out."""
    return {name: value for name, value in mapping.items() if not (isinstance(value, str) and not value.strip())}


def unknown_names(mapping: Mapping[str, object], known: Mapping[str, object]) -> list[str]:
    """One line for every unknown name: most are typing errors."""
    lines = []
    for name in mapping:
        if name not in known:
            near = get_close_matches(name, known, n=1)
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


def load(mapping: Mapping[str, object]) -> MonitoringSettings:
    """Settings from the mapping, with defaults for missing names.

    Raises ImproperlyConfigured on the first bad value; `problems` lists them all.
    """
    mapping = given(mapping)
    values = {
        field: parse_variable(name, mapping[name], parser)
        for name, (field, parser) in VARIABLES.items()
        if name in mapping
    }
    return MonitoringSettings(**values)


def current() -> MonitoringSettings:
    """The settings of the running Django project."""
    return load(getattr(django_settings, "AVATAR_MONITORING", {}))
