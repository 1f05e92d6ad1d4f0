"""Checks of the project's channel layers."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Warning  # noqa: A004  (Django's name)

from monitoring.checks import releases
from monitoring.checks.registration import while_on
from monitoring.conf import MonitoringSettings

CORE_LAYER = "RedisChannelLayer"
CORE_LAYER_WAITS_SECONDS = 5


@while_on
def check_channel_layers(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    """redis-py 8 gives up after 5 s, as long as the core layer waits, so it would close every idle WebSocket."""
    if releases.installed("redis") < (8,):
        return
    for alias, layer in (getattr(django_settings, "CHANNEL_LAYERS", None) or {}).items():
        hosts = (layer.get("CONFIG") or {}).get("hosts") or ["the default"]
        is_core = layer.get("BACKEND", "").rpartition(".")[2] == CORE_LAYER
        if is_core and not all(_waits_long_enough(host) for host in hosts):
            yield Warning(
                f"CHANNEL_LAYERS[{alias!r}]: with redis-py 8 this layer closes every WebSocket that is idle for 5 s",
                hint='Give each host a socket_timeout: {"address": "redis://…", "socket_timeout": None}; or use '
                "channels_redis.pubsub.RedisPubSubChannelLayer.",
                id="avatar_monitoring.W007",
            )


def _waits_long_enough(host: object) -> bool:
    if not isinstance(host, dict) or "socket_timeout" not in host:
        return False
    return host["socket_timeout"] is None or host["socket_timeout"] > CORE_LAYER_WAITS_SECONDS
