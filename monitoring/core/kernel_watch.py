"""The kernel stands watch between a client's pings: it knows the round trip of every segment, and asking it costs a
fiftieth of a ping.

Latencies stay WebSocket round trips. Where TCP ends at the client, its round trip is that of the pings: as long as the
kernel's stays where it was at the last ping, that ping's answer still holds. Behind a proxy the kernel knows the way to
the proxy alone, so nobody stands watch there.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from monitoring.core.forwarding import is_forwarded
from monitoring.core.heartbeat import LONGEST_PERIOD, Heartbeat, Pinged
from monitoring.core.verdicts import Verdict

if TYPE_CHECKING:
    from monitoring.core.collector import MetricsCollector
    from monitoring.core.connection import Connection

RARELY = 30.0
"""Seconds from one ping to the next of a client that the kernel watches; twice the usual period if that is longer, but
never more than the longest one."""

AGREEMENTS = 3
"""After so many pings in a row that took as long as the kernel says, and as the one before, the kernel is believed."""

APART_MS, APART_SHARE = 5.0, 0.2
"""Two round trips that differ by no more than the greater of these are taken as equal."""

HELD_BACK_MS = 40.0
"""An acknowledgement without data waits for up to so long (TCP_DELACK_MIN of Linux's include/net/tcp.h), which the
kernel counts and a ping does not. A proxy, on the contrary, makes the kernel's round trip the shorter one."""

FRESH_MS = 3_000
"""The kernel measures by what is sent and acknowledged: it knows nothing new of a client that has been silent for
longer."""

THIS_MACHINE = ("127.", "::1", "::ffff:127.", "localhost")


class Watchable(StrEnum):
    """Whose connections the kernel may watch."""

    REMOTE = "remote"
    """Those from other machines without a header of a proxy: a proxy on this machine is the usual one."""
    ALL = "all"
    """Those from this machine too, for a server without a proxy on it."""
    NONE = "none"


def is_direct(scope: Any, watched: Watchable) -> bool:
    """Whether the connection seems to end at the client."""
    address = str((scope.get("client") or ("",))[0] or "")
    is_here = not address or address.startswith(THIS_MACHINE)
    return watched is not Watchable.NONE and not (is_here and watched is Watchable.REMOTE) and not is_forwarded(scope)


def agrees(ping_ms: float, kernel_ms: float) -> bool:
    """Whether a ping and the kernel seem to have measured the same way."""
    return is_near(kernel_ms, ping_ms, ping_ms + HELD_BACK_MS)


def is_near(milliseconds: float, low: float, high: float) -> bool:
    """Whether it lies between the two, or equals one of them."""
    return low - max(APART_MS, APART_SHARE * low) <= milliseconds <= high + max(APART_MS, APART_SHARE * high)


def rare_period(period: float) -> float:
    """Seconds from one ping to the next while the kernel watches; without it they are `period` apart."""
    return min(max(RARELY, 2 * period), LONGEST_PERIOD)


class WatchedClient:
    """Stands between the heartbeat and what pings one client: it leaves out pings whose answer is known."""

    __slots__ = (
        "_agreed", "_collector", "_connection", "_heartbeat", "_most_ms", "_ping_ms", "_pinged", "_pinged_at", "_sent",
        "_waits",
    )  # fmt: skip

    def __init__(
        self, pinged: Pinged, connection: Connection, collector: MetricsCollector, heartbeat: Heartbeat
    ) -> None:
        self._pinged, self._connection, self._collector, self._heartbeat = pinged, connection, collector, heartbeat
        self._agreed = 0
        self._ping_ms = self._most_ms = 0.0
        self._pinged_at = 0.0
        self._sent = 0
        self._waits = False

    def ping(self) -> None:
        """Its turn has come: it is pinged, or its last latency is confirmed."""
        if self._is_known():
            self._confirm()
            return
        self._pinged_at, self._waits = self._collector.clock(), True
        self._pinged.ping()

    def unanswered_ms(self) -> float | None:
        """For how long its ping has been waiting for the answer; None if none is, or if that is not known."""
        ask: Callable[[], float | None] | None = getattr(self._pinged, "unanswered_ms", None)
        return None if ask is None else ask()

    def answered(self, milliseconds: float) -> None:
        """A ping took so long."""
        if not self._waits:
            return
        before, self._waits, self._ping_ms = self._ping_ms, False, milliseconds
        info = self._connection.kernel()
        kernel_ms = None if info is None else info.rtt_ms
        is_steady = not self._agreed or is_near(milliseconds, before, before)
        if kernel_ms is None or not is_steady or not agrees(milliseconds, kernel_ms):
            self._agreed = 0
            return
        self._agreed = min(self._agreed + 1, AGREEMENTS)
        self._most_ms = max(milliseconds, kernel_ms)

    def look_again(self, kernel_ms: float | None) -> None:
        """The kernel was asked: the client is pinged next if that is not what its last ping took."""
        is_believed = self._agreed >= AGREEMENTS and not self._waits
        if is_believed and kernel_ms is not None and not self._holds(kernel_ms):
            self._heartbeat.soon(self)

    def _confirm(self) -> None:
        collector, client_id = self._collector, self._connection.client_id
        collector.now.latencies.confirm(client_id)
        if client := collector.client_metrics.get(client_id):
            client.confirmed(collector.clock(), collector.now.window)

    def _is_known(self) -> bool:
        if self._agreed < AGREEMENTS or self._waits:
            return False
        collector, client_id = self._collector, self._connection.client_id
        client = collector.client_metrics.get(client_id)
        if client is None:
            return False
        sent, self._sent = self._sent, client.sent_count
        period = collector.ping_period()
        # Half a period, because a turn that comes a little early must not put the ping off until the next.
        if collector.clock() - self._pinged_at + period / 2 >= rare_period(period):
            return False
        is_fine = client.judgement is not None and client.judgement.verdict is Verdict.FINE
        if not is_fine or client_id in collector.looked_at or sent == client.sent_count:
            return False
        if collector.now.latencies.value(client_id) is None:
            return False  # Nothing is left to confirm, as of a client that was renamed.
        info = self._connection.kernel()
        return (
            info is not None
            and info.rtt_ms is not None
            and info.last_data_recv_ms is not None
            and info.last_data_recv_ms <= FRESH_MS
            and self._holds(info.rtt_ms)
        )

    def _holds(self, kernel_ms: float) -> bool:
        """Whether the kernel still says what it said at the last ping."""
        return is_near(kernel_ms, self._ping_ms, self._most_ms)
