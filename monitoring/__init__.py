"""Real-time monitoring of Django Channels servers.

All names except `monitored` work in any asyncio program, without configuring Django.
"""

from typing import TYPE_CHECKING, Any

from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics, SystemMetrics
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.monitored import connection_of

if TYPE_CHECKING:
    from monitoring.runtime import monitored

__all__ = ["ClientMetrics", "MetricsCollector", "PerformanceMonitor", "SystemMetrics", "connection_of", "monitored"]


def __getattr__(name: str) -> Any:
    # Imported on use, because it needs Django and the names above do not.
    if name == "monitored":
        from monitoring.runtime import monitored

        return monitored
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
