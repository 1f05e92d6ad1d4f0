"""System checks: report before the start what would otherwise go wrong silently."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  (Django's name)
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf
from monitoring.core import probe

CORE_LAYER = "RedisChannelLayer"
CORE_LAYER_WAITS_SECONDS = 5
SAFE_DAPHNE = (4, 2, 2)
OTLP_PACKAGES = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")


@register
def check_settings(**_: object) -> list[CheckMessage]:
    try:
        mapping = conf.mapping()
        bad = conf.problems(mapping)
        if not bad:
            conf.current()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="avatar_monitoring.E001")]
    return [
        *(Error(line, id="avatar_monitoring.E001") for line in bad),
        *(Warning(line, id="avatar_monitoring.W001") for line in conf.unknown_names(mapping, conf.VARIABLES)),
    ]


@register
def check_channel_layer(**_: object) -> list[CheckMessage]:
    """redis-py 8 gives up after 5 s, as long as the core layer waits, so it would close every idle WebSocket."""
    if installed("redis") < (8,):
        return []
    return [
        Error(
            f"CHANNEL_LAYERS[{alias!r}]: with redis-py 8 this layer closes every WebSocket that is idle for 5 s",
            hint='Give each host a socket_timeout: {"address": …, "socket_timeout": None}; or use '
            "channels_redis.pubsub.RedisPubSubChannelLayer.",
            id="avatar_monitoring.E002",
        )
        for alias, layer in getattr(settings, "CHANNEL_LAYERS", {}).items()
        if layer.get("BACKEND", "").rpartition(".")[2] == CORE_LAYER
        and not all(_waits_long_enough(host) for host in layer.get("CONFIG", {}).get("hosts") or ["the default"])
    ]


@register
def check_daphne(**_: object) -> list[CheckMessage]:
    found = installed("daphne")
    if not found or found >= SAFE_DAPHNE:
        return []
    return [
        Error(
            f"daphne {_text(found)} accepts frames of any size (CVE-2026-44545)",
            hint=f"pip install 'daphne>={_text(SAFE_DAPHNE)}'",
            id="avatar_monitoring.E003",
        )
    ]


@register
def check_psutil(**_: object) -> list[CheckMessage]:
    if probe.PSUTIL_AVAILABLE:
        return []
    return [
        Warning(
            "psutil is not installed: CPU, memory and network are not measured",
            hint="pip install psutil",
            id="avatar_monitoring.W002",
        )
    ]


@register
def check_otlp(**_: object) -> list[CheckMessage]:
    try:
        is_wanted = bool(conf.given(conf.mapping()).get("AVATAR_OTLP_ENDPOINT"))
    except ImproperlyConfigured:
        return []  # check_settings reports it
    missing = [package for package in OTLP_PACKAGES if not installed(package)]
    if not is_wanted or not missing:
        return []
    return [
        Error(
            f"AVATAR_OTLP_ENDPOINT is set, but {' and '.join(missing)} is not installed",
            hint=f"pip install {' '.join(OTLP_PACKAGES)}",
            id="avatar_monitoring.E004",
        )
    ]


def installed(package: str) -> tuple[int, ...]:
    """The package's version as numbers, empty if it is not installed."""
    try:
        return tuple(int(part) for part in re.findall(r"\d+", version(package))[:3])
    except PackageNotFoundError:
        return ()


def _waits_long_enough(host: object) -> bool:
    if not isinstance(host, dict) or "socket_timeout" not in host:
        return False
    return host["socket_timeout"] is None or host["socket_timeout"] > CORE_LAYER_WAITS_SECONDS


def _text(parts: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in parts)
