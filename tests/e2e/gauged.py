"""The site, with two gauges of its own."""

from itertools import count

from avatar_site.asgi import application as application
from monitoring import current_monitor

MONITOR = current_monitor()
assert MONITOR is not None
MONITOR.gauge("orders_waiting", count(3).__next__, unit="orders", label="Orders, waiting", added=True)
MONITOR.gauge("balance", lambda: -0.25)
