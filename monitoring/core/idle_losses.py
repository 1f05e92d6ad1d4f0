"""Tells connections that a proxy cut because they were idle from those that broke by themselves, by their pattern.

A proxy says nothing when it cuts a connection; only the time fits. So this needs more than one fit: that the connection
came by a proxy and was idle for as long as known proxies wait, or that connections on the same path were idle equally
long again and again.
"""

from __future__ import annotations

from collections import deque
from typing import Final

KNOWN_SECONDS: Final = (30.0, 55.0, 60.0, 100.0, 240.0, 350.0, 600.0)
"""How long proxies wait by default until they cut an idle connection. 30: Google Cloud's backend services; 55: Heroku's
router; 60: nginx (`proxy_read_timeout`) and AWS's Application Load Balancer; 100: Cloudflare; 240: Azure's load
balancer; 350: AWS's Network Load Balancer; 600: Google Cloud's and AWS's API gateways. HAProxy has no default. Each is
from its vendor's documentation."""

EARLY, LATE = 1.5, 3.0
"""Seconds by which the time may differ: what was sent is known to a tick, and a cut takes a moment to arrive."""

REPEATED, KEPT = 3, 10
ALIKE = 1.5
"""Seconds by which repeated times may differ."""

APART = 2.0
"""Losses within so many seconds are one event, such as a network that went away: they repeat nothing."""

SHORTEST = 20.0
"""Nobody configures a proxy to wait less."""


class IdleLosses:
    """The times for which lost connections had been idle, by path; at most ten of each."""

    def __init__(self) -> None:
        self._idle: dict[str, deque[tuple[float, float]]] = {}

    def is_cut_by_proxy(self, pattern: str, idle_seconds: float, now: float, *, forwarded: bool) -> bool:
        """Whether a connection that was lost now, after nothing was sent either way for so long, was cut by a proxy.

        `pattern` is its path's: there are few of them.
        """
        if idle_seconds < SHORTEST:
            return False
        if forwarded and any(known - EARLY <= idle_seconds <= known + LATE for known in KNOWN_SECONDS):
            return True
        kept = self._idle.setdefault(pattern, deque(maxlen=KEPT))
        moments = [at for at, idle in kept if abs(idle - idle_seconds) <= ALIKE]
        if not any(now - at < APART for at in moments):
            kept.append((now, idle_seconds))
            moments.append(now)
        return len(moments) >= REPEATED
