"""Decides what explains how a client is doing. Pure.

A rule of `verdict_rules` looks at one reading of a client's signals. One bad reading accuses nobody: a rule holds while
at least two of its last four readings are bad, as "M out of N datapoints" in CloudWatch's alarms, so that a single slow
pong, a burst or a pause of the garbage collector passes. The first rule that holds is the verdict. It stays until four
readings in a row are good: a network that loses segments answers every other ping at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from monitoring.core.signals import ClientSignals
from monitoring.core.verdict_rules import HIGH, LOW, MEDIUM, RULES, SLOW_MS, Case, VerdictRule, is_calm
from monitoring.core.verdicts import Judgement, Verdict

KEPT, ENOUGH = 4, 2
"""Readings that a rule remembers, and how many of them must be bad."""

NOBODYS_FAULT = frozenset({Verdict.FINE, Verdict.HIDDEN, Verdict.UNKNOWN})


class RuleMark(NamedTuple):
    """A rule's last readings, the newest in the lowest bit, 1 for a bad one, and when the newest was taken."""

    bad: int
    at: float

    @property
    def holds(self) -> bool:
        return self.bad.bit_count() >= ENOUGH

    @property
    def is_mixed(self) -> bool:
        """Some of its readings were good."""
        return self.bad != (1 << KEPT) - 1


class Judged(NamedTuple):
    """A judgement, and what the next one needs to know: the marks of the rules of which any reading was bad."""

    judgement: Judgement = Judgement()
    marks: Mapping[Verdict, RuleMark] = {}

    @property
    def is_undecided(self) -> bool:
        """Something was bad, but not often enough: the client is worth another look soon."""
        return bool(self.marks) and self.judgement.verdict in NOBODYS_FAULT

    @property
    def needs_a_ping(self) -> bool:
        """Round trips do not agree, so the next one should come soon."""
        return Verdict.NETWORK in self.marks and self.marks[Verdict.NETWORK].is_mixed


def judge(
    signals: ClientSignals,
    before: Judged | None = None,
    *,
    at: float = 0.0,
    old: Collection[str] = (),
    slow_ms: float = SLOW_MS,
) -> Judged:
    """What explains this reading, taken `at` this moment in seconds, after what was judged `before`.

    `old` names the signals that were not measured again since then: the same pong does not accuse twice. A round trip
    is slow from `slow_ms` on.
    """
    if (before is None or not before.marks) and is_calm(signals, slow_ms):
        return Judged(_not_accused(signals))
    case = Case(signals, old, slow_ms)
    marks = _marks(case, before.marks if before is not None else {}, at)
    accused = before.judgement.verdict if before is not None else None
    holding = next(
        (rule for rule in RULES if _holds(marks.get(rule.verdict), is_accused=rule.verdict == accused)), None
    )
    if holding is not None:
        return Judged(_accused(holding, case, marks[holding.verdict], before), marks)
    return Judged(_not_accused(signals), marks)


def _holds(mark: RuleMark | None, *, is_accused: bool) -> bool:
    """Nobody is accused at a good reading, even if those before it were bad and another rule decided."""
    return mark is not None and (is_accused or (mark.holds and bool(mark.bad & 1)))


def _marks(case: Case, before: Mapping[Verdict, RuleMark], at: float) -> dict[Verdict, RuleMark]:
    marks: dict[Verdict, RuleMark] = {}
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
                marks[rule.verdict] = RuleMark(bad, at)
    return marks


def _accused(rule: VerdictRule, case: Case, mark: RuleMark, before: Judged | None) -> Judgement:
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
    if signals.hidden:
        return Judgement(Verdict.HIDDEN, HIGH, {"hidden": 1.0})
    found: dict[str, float] = {}
    ping, rtt, frame_time = signals.ping_ms, signals.kernel_rtt_ms, signals.frame_time_ms
    if frame_time is not None:
        found["frame_time_ms"] = frame_time
    if rtt is not None:
        found["kernel_rtt_ms"] = rtt
    if ping is None:
        return Judgement(Verdict.FINE, LOW if rtt is None else MEDIUM, found) if found else Judgement()
    found["ping_ms"] = ping
    return Judgement(Verdict.FINE, HIGH if len(found) > 1 else MEDIUM, found)
