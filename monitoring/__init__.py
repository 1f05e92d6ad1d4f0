"""Real-time monitoring of Django Channels servers.

`BEAT` needs Celery; `monitored`, `current_monitor`, `SocketConsumer` and `django_user` need Django; all other names
work in any asyncio program.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitoring.core.alert_rules import Rule
from monitoring.core.application_ping import JsonPing
from monitoring.core.client_names import Client
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics, SystemMetrics
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.monitored import connection_of
from monitoring.core.telemetry import telemetry_of

if TYPE_CHECKING:
    from monitoring.consumers import SocketConsumer
    from monitoring.runtime import current_monitor
    from monitoring.schedule import BEAT
    from monitoring.session_user import django_user
    from monitoring.wrapper import monitored

__all__ = [
    "BEAT",
    "Client",
    "ClientMetrics",
    "JsonPing",
    "MetricsCollector",
    "PerformanceMonitor",
    "Rule",
    "SocketConsumer",
    "SystemMetrics",
    "connection_of",
    "current_monitor",
    "django_user",
    "monitored",
    "telemetry_of",
]


LATER = {
    "BEAT": "monitoring.schedule",
    "SocketConsumer": "monitoring.consumers",
    "current_monitor": "monitoring.runtime",
    "django_user": "monitoring.session_user",
    "monitored": "monitoring.wrapper",
}
"""Names that are imported on use, because they need Celery or Django and the others do not."""


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(import_module(LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
