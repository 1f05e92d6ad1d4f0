"""The rules by which clients are judged, in the order in which they decide, each with its limit and its source. Pure.

The order settles what looks alike:

- a blocked event loop delays the pongs, handlers and sends of all clients, so it comes first;
- what a client does not read fills buffers, its pings wait behind them, and its consumer may wait to send: so it comes
  before the handler and the network;
- while a slow handler has reading paused, its client's pongs wait too: so it comes before the network;
- browsers answer pings outside of the page, so a busy page has fast pongs; a program that answers in its main loop has
  not, but its own report says so, and the kernel's round trip is short;
- a hidden tab draws nothing and its timers are throttled, so what it reports says nothing of how busy it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from monitoring.core.signals import ClientSignals
from monitoring.core.verdicts import Sureness, Verdict

LOW, MEDIUM, HIGH = Sureness.LOW, Sureness.MEDIUM, Sureness.HIGH

SLOW_MS = 100.0
"""RAIL (web.dev/articles/rail): what answers within 100 ms feels immediate. It is also the default of the site's own
latency threshold, by which pages call a client slow."""

LEAST_SLOW_MS = 20.0
"""No site can call anything shorter slow: a page that draws 60 images a second shows an answer no sooner."""

LOOP_LAG_MS = 100.0
"""The same 100 ms: a loop that is late by this much uses up the whole answer's time before anything has begun."""

NOT_READ_MS = 200.0
"""tcpi_rwnd_limited (linux/tcp.h): time in which data waited only for the peer's receive window. Someone who reads
opens it within a round trip; 200 ms is also TCP's shortest time before it asks again (TCP_RTO_MIN, probe timer)."""

UNSENT_BYTES = 64 * 1024
"""asyncio's high-water mark (Transport.set_write_buffer_limits): more than this waits in the process because the
socket takes no more."""

HANDLER_MS = 100.0
"""RAIL again: a consumer that takes this long for one message has spent the whole answer's time."""

RETRANSMITS = 3
"""Segments sent again in one reading. One or two are how TCP finds its pace (RFC 5681, 3.2: three duplicate
acknowledgements make a loss)."""

UNANSWERED_MS = 2_000.0
"""RFC 6298, 2: TCP takes a second for lost where it knows nothing better; a ping without an answer after two is."""

FRAME_TIME_MS = 50.0
"""A long task or long frame (W3C Long Tasks, Long Animation Frames: 50 ms), 20 frames per second."""

SLOW_FRAMES_PERCENT = 25.0
"""Android vitals' slow session: more than a quarter of its frames are slow."""

DISPLAY_FRAMES = 2.0
"""A display that shows fewer than 40 images a second is not the page's fault: each may take two of its periods."""

Observed = bool | None
"""Whether a reading is bad; None if it says nothing about it."""


class Case(NamedTuple):
    """One reading, and the names of those of its signals that were not measured again since the reading before.

    A round trip is slow from `slow_ms` on.
    """

    signals: ClientSignals
    old: Collection[str] = ()
    slow_ms: float = SLOW_MS


class VerdictRule(NamedTuple):
    """What makes a verdict: `observe` says whether a reading is bad, `evidence` names the signals that it looks at.

    What was bad is forgotten after `forgotten_after` seconds without an observation, and while the signal `unless` is
    true, because then there is nothing to observe.
    """

    verdict: Verdict
    evidence: tuple[str, ...]
    observe: Callable[[Case], Observed]
    sure: Callable[[Case], Sureness]
    forgotten_after: float = 15.0
    unless: str = ""


def is_calm(signals: ClientSignals, slow_ms: float = SLOW_MS) -> bool:
    """No rule can find anything bad in it. Most readings are calm, and asking each rule takes several times as long."""
    return (
        (signals.ping_ms or 0.0) < slow_ms
        and (signals.kernel_rtt_ms or 0.0) < slow_ms
        and (signals.unanswered_ms or 0.0) < UNANSWERED_MS
        and (signals.retransmits or 0) < RETRANSMITS
        and (signals.loop_lag_ms or 0.0) < LOOP_LAG_MS
        and (signals.not_read_ms or 0.0) < NOT_READ_MS
        and (signals.unsent_bytes or 0) < UNSENT_BYTES
        and (signals.handler_ms or 0.0) < HANDLER_MS
        and (signals.wait_ms or 0.0) < HANDLER_MS
        and (signals.frame_time_ms or 0.0) < FRAME_TIME_MS
        and (signals.slow_frames_percent or 0.0) < SLOW_FRAMES_PERCENT
    )


# The event loop: while it is late, nothing that waits for it can be told apart.


def _loop_is_late(case: Case) -> Observed:
    lag = case.signals.loop_lag_ms
    return None if lag is None else lag >= LOOP_LAG_MS


def _sure_of_loop(case: Case) -> Sureness:
    lag = case.signals.loop_lag_ms
    return HIGH if lag is not None and lag >= 2 * LOOP_LAG_MS else MEDIUM


# The client does not read


def _is_not_read(case: Case) -> Observed:
    waited, unsent = case.signals.not_read_ms, case.signals.unsent_bytes
    if waited is not None:
        return waited >= NOT_READ_MS
    return None if unsent is None else unsent >= UNSENT_BYTES


def _sure_of_not_reading(case: Case) -> Sureness:
    """Without the kernel's word, a slow network fills the same buffer."""
    if case.signals.not_read_ms is None:
        return LOW
    return HIGH if case.signals.not_read_ms >= 2 * NOT_READ_MS else MEDIUM


# The consumer


def _handler_is_slow(case: Case) -> Observed:
    """Not the loop's lag, which it waited for too, and not while its own sends may wait for the client."""
    signals = case.signals
    times = [time for time in (signals.handler_ms, signals.wait_ms) if time is not None]
    if not times or _loop_is_late(case):
        return None
    if (signals.unsent_bytes or 0) >= UNSENT_BYTES:
        return False
    return max(times) - (signals.loop_lag_ms or 0.0) >= HANDLER_MS


def _sure_of_handler(case: Case) -> Sureness:
    handler = case.signals.handler_ms
    return HIGH if handler is not None and handler >= HANDLER_MS else MEDIUM


# The page


def _page_is_busy(case: Case) -> Observed:
    signals = case.signals
    if "frame_time_ms" in case.old:
        return None
    if signals.frame_time_ms is None and signals.slow_frames_percent is None:
        return None
    limit = FRAME_TIME_MS
    if signals.refresh_hz:
        limit = max(limit, DISPLAY_FRAMES * 1_000 / signals.refresh_hz)
    return (signals.frame_time_ms or 0.0) >= limit or (signals.slow_frames_percent or 0.0) >= SLOW_FRAMES_PERCENT


def _sure_of_page(case: Case) -> Sureness:
    slow = case.signals.slow_frames_percent
    return HIGH if slow is not None and slow >= SLOW_FRAMES_PERCENT else MEDIUM


# The network


def _network_is_slow(case: Case) -> Observed:
    """A fresh pong decides. Without one it is TCP's word, or that no pong comes."""
    signals, limit = case.signals, case.slow_ms
    if (signals.unanswered_ms or 0.0) >= UNANSWERED_MS or (signals.retransmits or 0) >= RETRANSMITS:
        return True
    if signals.ping_ms is not None and "ping_ms" not in case.old:
        if _loop_is_late(case):
            return None
        return signals.ping_ms - (signals.loop_lag_ms or 0.0) >= limit and not _answers_late(case)
    if signals.kernel_rtt_ms is not None and signals.kernel_rtt_ms >= limit:
        return True
    # A short way to the next hop says nothing of the way beyond a proxy.
    return False if signals.ping_ms is None and signals.kernel_rtt_ms is not None else None


def _answers_late(case: Case) -> bool:
    """A program that answers in its main loop: it says itself that it is busy, and the way to it is short."""
    rtt = case.signals.kernel_rtt_ms
    return rtt is not None and rtt < case.slow_ms / 2 and _draws_slowly(case.signals)


def _draws_slowly(signals: ClientSignals) -> bool:
    return not signals.hidden and bool(_page_is_busy(Case(signals)))


def _sure_of_network(case: Case) -> Sureness:
    """Where the kernel sees only the way to a proxy, the rest of the round trip may be the client's own."""
    signals, limit = case.signals, case.slow_ms
    if (signals.kernel_rtt_ms or 0.0) >= limit or (signals.retransmits or 0) >= RETRANSMITS:
        return HIGH
    if signals.ping_ms is None or signals.ping_ms < limit:
        return LOW
    return MEDIUM if signals.kernel_rtt_ms is None or signals.frame_time_ms is not None else LOW


PATH = ("ping_ms", "kernel_rtt_ms", "kernel_min_rtt_ms", "retransmits", "unanswered_ms")

RULES = (
    VerdictRule(Verdict.SERVER_LOOP, ("loop_lag_ms", "ping_ms"), _loop_is_late, _sure_of_loop),
    VerdictRule(
        Verdict.NOT_READING,
        ("not_read_ms", "unsent_kernel_bytes", "unsent_bytes", "silent_ms"),
        _is_not_read,
        _sure_of_not_reading,
    ),
    VerdictRule(
        Verdict.SERVER_HANDLER, ("handler_ms", "wait_ms", "pauses", "loop_lag_ms"), _handler_is_slow, _sure_of_handler
    ),
    # Pings come once in five seconds, and on a full node once a minute.
    VerdictRule(Verdict.NETWORK, PATH, _network_is_slow, _sure_of_network, forgotten_after=130.0),
    VerdictRule(
        Verdict.CLIENT_BUSY,
        ("fps", "frame_time_ms", "slow_frames_percent", "refresh_hz", "ping_ms"),
        _page_is_busy,
        _sure_of_page,
        unless="hidden",
    ),
)
"""In the order in which they decide."""
