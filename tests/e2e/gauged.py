"""The site, with two gauges of its own, and a network whose traffic a test makes."""

import os
from itertools import count
from pathlib import Path

from avatar_site.asgi import application as application
from monitoring import current_monitor
from monitoring.core.network import Traffic

MONITOR = current_monitor()
assert MONITOR is not None
MONITOR.gauge("orders_waiting", count(3).__next__, unit="orders", label="Orders, waiting", added=True)
MONITOR.gauge("balance", lambda: -0.25)

BURST = Path(os.environ["AVATAR_DATA_DIR"]) / "burst"
"""Once this file is there, as many bytes have been received as it is long."""
SENT, RECEIVED = 4_000, 9_000
"""In each second."""
_readings = count(1)


def _totals(*_: object) -> tuple[int, int]:
    """Instead of what this machine really sends, of which a test knows nothing."""
    seconds = next(_readings)
    burst = BURST.stat().st_size if BURST.exists() else 0
    return SENT * seconds, RECEIVED * seconds + burst


Traffic.add = _totals  # type: ignore[method-assign]
