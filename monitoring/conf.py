"""Typed settings from a mapping of names to texts; every bad value is one clear line.

The mapping is Django's setting ``AVATAR_MONITORING``. Its keys are the names of the environment variables, so that an
error names what the operator typed. A project that does not use environment variables writes the mapping by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

Parser = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """What an operator may set; times in seconds, thresholds in the metric's own unit."""

    enabled: bool = True
    metrics_interval: float = 1.0
    cpu_alert_threshold: float = 80.0
    memory_alert_threshold: float = 85.0
    latency_alert_threshold: float = 100.0
    stale_client_seconds: float = 60.0
    monitor_cpu_budget: float = 1.0
    allowed_origins: tuple[str, ...] = ()

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
    def parse(text: str) -> float:
        allowed = f"a number from {low:g} to {high:g}"
        try:
            value = float(text)
        except ValueError as error:
            raise ValueError(allowed) from error
        if not low <= value <= high:
            raise ValueError(allowed)
        return value

    return parse


def choice(*allowed: str) -> Parser:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(" or ".join(allowed))
        return text

    return parse


def origins(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    if any(not part.startswith(("http://", "https://")) for part in parts):
        raise ValueError("origins such as https://example.com, separated by commas")
    return parts


VARIABLES: dict[str, tuple[str, Parser]] = {
    "AVATAR_MONITORING_ENABLED": ("enabled", boolean),
    "AVATAR_METRICS_INTERVAL": ("metrics_interval", number(0.1, 60)),
    "AVATAR_CPU_ALERT_THRESHOLD": ("cpu_alert_threshold", number(0, 100)),
    "AVATAR_MEMORY_ALERT_THRESHOLD": ("memory_alert_threshold", number(0, 100)),
    "AVATAR_LATENCY_ALERT_THRESHOLD": ("latency_alert_threshold", number(0, 60_000)),
    "AVATAR_STALE_CLIENT_SECONDS": ("stale_client_seconds", number(1, 86_400)),
    "AVATAR_MONITOR_CPU_BUDGET": ("monitor_cpu_budget", number(0.01, 100)),
    "AVATAR_ALLOWED_ORIGINS": ("allowed_origins", origins),
}


def parse_variable(name: str, text: object, parser: Parser) -> Any:
    """The parsed value of one variable.

    Raises ImproperlyConfigured with the variable, its value and what is allowed.
    """
    try:
        return parser(str(text))
    except ValueError as allowed:
        raise ImproperlyConfigured(f"{name}={text!s}: allowed is {allowed}") from None


def unknown_names(mapping: Mapping[str, object], known: Mapping[str, object]) -> list[str]:
    """One line for every name that nothing reads: most are typing errors."""
    lines = []
    for name in mapping:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            lines.append(f"{name} is not a known variable" + (f"; did you mean {near[0]}?" if near else ""))
    return lines


def problems(mapping: Mapping[str, object]) -> list[str]:
    """Every bad value of the mapping, a line each."""
    found = []
    for name, (_, parser) in VARIABLES.items():
        if name in mapping:
            try:
                parse_variable(name, mapping[name], parser)
            except ImproperlyConfigured as error:
                found.append(str(error))
    return found


def load(mapping: Mapping[str, object]) -> MonitoringSettings:
    """Settings from the mapping, defaults for what it leaves out.

    Raises ImproperlyConfigured on the first bad value; `problems` lists them all.
    """
    values = {
        field: parse_variable(name, mapping[name], parser)
        for name, (field, parser) in VARIABLES.items()
        if name in mapping
    }
    return MonitoringSettings(**values)


def current() -> MonitoringSettings:
    """The settings of the Django project that runs."""
    return load(getattr(django_settings, "AVATAR_MONITORING", {}))
