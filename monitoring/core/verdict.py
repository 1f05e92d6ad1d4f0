"""Decides what explains how a client is doing: a table of rules, in order. Pure.

A rule looks at one reading of a client's signals. One bad reading accuses nobody: a rule holds while at least two of
its last four readings are bad, as "M out of N datapoints" in CloudWatch's alarms, so that a single slow pong, a burst
or a pause of the garbage collector passes. The first rule that holds is the verdict. The order settles what looks alike:

- a blocked event loop delays the pongs, handlers and sends of all clients, so it comes first;
- what a client does not read fills buffers, its pings wait behind them, and its consumer may wait to send: so it comes
  before the handler and the network;
- while a slow handler has reading paused, its client's pongs wait too: so it comes before the network;
- browsers answer pings outside of the page, so a busy page has fast pongs; a program that answers in its main loop has
  not, but its own report says so, and the kernel's round trip is short;
- a hidden tab draws nothing and its timers are throttled, so what it reports says nothing of how busy it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from monitoring.core.signals import ClientSignals
from monitoring.core.verdicts import Judgement, Sureness, Verdict

LOW, MEDIUM, HIGH = Sureness.LOW, Sureness.MEDIUM, Sureness.HIGH

SLOW_MS = 100.0
"""RAIL (web.dev/articles/rail): what answers within 100 ms feels immediate. It is also the default of the site's own
latency threshold, by which pages call a client slow."""

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

KEPT, ENOUGH = 4, 2
"""Readings that a rule remembers, and how many of them must be bad."""

NOBODYS_FAULT = frozenset({Verdict.FINE, Verdict.HIDDEN, Verdict.UNKNOWN})

Observed = bool | None
"""Whether a reading is bad; None if it says nothing about it."""


class Limits(NamedTuple):
    """The limits that a site may set."""

    slow_ms: float = SLOW_MS


class Case(NamedTuple):
    """One reading, and the names of those of its signals that were not measured again since the reading before."""

    signals: ClientSignals
    old: Collection[str] = ()
    limits: Limits = Limits()


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


class Mark(NamedTuple):
    """A rule's last readings, the newest in the lowest bit, 1 for a bad one, and when the newest was taken."""

    bad: int
    at: float

    @property
    def holds(self) -> bool:
        return self.bad.bit_count() >= ENOUGH


class Judged(NamedTuple):
    """A judgement, and what the next one needs to know: the marks of the rules of which any reading was bad."""

    judgement: Judgement = Judgement()
    marks: Mapping[Verdict, Mark] = {}

    @property
    def is_undecided(self) -> bool:
        """Something was bad, but not often enough: the client is worth another look soon."""
        return bool(self.marks) and self.judgement.verdict in NOBODYS_FAULT


def judge(
    signals: ClientSignals,
    before: Judged | None = None,
    *,
    at: float = 0.0,
    old: Collection[str] = (),
    limits: Limits = Limits(),
) -> Judged:
    """What explains this reading, taken `at` this moment in seconds, after what was judged `before`.

    `old` names the signals that were not measured again since then: the same pong does not accuse twice.
    """
    case = Case(signals, old, limits)
    marks = _marks(case, before.marks if before is not None else {}, at)
    holding = next((rule for rule in RULES if rule.verdict in marks and marks[rule.verdict].holds), None)
    if holding is not None:
        return Judged(_accused(holding, case, marks[holding.verdict], before), marks)
    if signals.hidden:
        return Judged(Judgement(Verdict.HIDDEN, HIGH, {"hidden": 1.0}), marks)
    return Judged(_not_accused(signals), marks)


def _marks(case: Case, before: Mapping[Verdict, Mark], at: float) -> dict[Verdict, Mark]:
    marks: dict[Verdict, Mark] = {}
    for rule in RULES:
        if rule.unless and getattr(case.signals, rule.unless):
            continue
        is_bad = rule.observe(case)
        mark = before.get(rule.verdict)
        if is_bad is None:
            if mark is not None and at - mark.at <= rule.forgotten_after:
                marks[rule.verdict] = mark
        elif is_bad or mark is not None:
            bad = (((mark.bad if mark is not None else 0) << 1) | is_bad) & ((1 << KEPT) - 1)
            if bad:
                marks[rule.verdict] = Mark(bad, at)
    return marks


def _accused(rule: VerdictRule, case: Case, mark: Mark, before: Judged | None) -> Judgement:
    """With the evidence of the last bad reading, which need not be this one."""
    if before is not None and before.judgement.verdict == rule.verdict and not (mark.bad & 1 and rule.observe(case)):
        return before.judgement
    return Judgement(rule.verdict, rule.sure(case), evidence_of(case.signals, rule.evidence))


def evidence_of(signals: ClientSignals, names: Collection[str]) -> dict[str, float]:
    """Those of these signals that are known, as numbers to one digit."""
    found = {name: getattr(signals, name) for name in names}
    return {name: round(float(value), 1) for name, value in found.items() if value is not None}


def _not_accused(signals: ClientSignals) -> Judgement:
    """Fine, if the way to the client or the client itself was measured: a server that is well says nothing of it."""
    found = evidence_of(signals, ("ping_ms", "kernel_rtt_ms", "fps", "frame_time_ms"))
    if not found:
        return Judgement()
    if "ping_ms" not in found:
        return Judgement(Verdict.FINE, LOW if "kernel_rtt_ms" not in found else MEDIUM, found)
    return Judgement(Verdict.FINE, HIGH if len(found) > 1 else MEDIUM, found)


# The event loop


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
    if not times:
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
    signals, limit = case.signals, case.limits.slow_ms
    if (signals.unanswered_ms or 0.0) >= UNANSWERED_MS or (signals.retransmits or 0) >= RETRANSMITS:
        return True
    if signals.ping_ms is not None and "ping_ms" not in case.old:
        return signals.ping_ms - (signals.loop_lag_ms or 0.0) >= limit and not _answers_late(case)
    if signals.kernel_rtt_ms is not None and signals.kernel_rtt_ms >= limit:
        return True
    # A short way to the next hop says nothing of the way beyond a proxy.
    return False if signals.ping_ms is None and signals.kernel_rtt_ms is not None else None


def _answers_late(case: Case) -> bool:
    """A program that answers in its main loop: it says itself that it is busy, and the way to it is short."""
    rtt = case.signals.kernel_rtt_ms
    return rtt is not None and rtt < case.limits.slow_ms / 2 and _draws_slowly(case.signals)


def _draws_slowly(signals: ClientSignals) -> bool:
    return not signals.hidden and bool(_page_is_busy(Case(signals)))


def _sure_of_network(case: Case) -> Sureness:
    """Where the kernel sees only the way to a proxy, the rest of the round trip may be the client's own."""
    signals, limit = case.signals, case.limits.slow_ms
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
