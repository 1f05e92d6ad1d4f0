"""The text that every fan-out sends: this project's own frame of a few clients, about 2 kB."""

from __future__ import annotations

import json

from monitoring import PerformanceMonitor

CLIENTS = 5


def frame_text() -> str:
    monitor = PerformanceMonitor()
    for number in range(CLIENTS):
        monitor.collector.track_client_connection(f"avatar-{number}")
    return json.dumps(monitor.get_current_metrics(), separators=(",", ":"))
