"""The monitor of this server process, for a project's own alerts and notifications."""

from __future__ import annotations

from monitoring import runtime
from monitoring.core.monitor import PerformanceMonitor


def current_monitor() -> PerformanceMonitor | None:
    """None while monitoring is off.

    A forked process has another one, so ask for it when the server has started: in `start` of a part of `monitored`.
    """
    return runtime.current().monitor
