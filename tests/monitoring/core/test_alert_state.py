import json
import math
from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.alert_rules import Comparison, NoData, Rule
from monitoring.core.alert_state import AlertState, Observation, Phase, step
from monitoring.core.records import NOT_MEASURED

RULE = Rule("cpu_percent", 80.0, 76.0, "warning", "High CPU usage: {value:.1f}%", keep_firing_seconds=5.0)
PATIENT = Rule("cpu_percent", 80.0, 76.0, "warning", "High", for_seconds=3.0, keep_firing_seconds=5.0)
SLOW = Rule("fps", 30.0, 32.0, "warning", "Slow", comparison=Comparison.BELOW, keep_firing_seconds=2.0)
SILENT = Rule("x", 80.0, 76.0, "warning", "x", no_data=NoData.FIRE, no_data_seconds=3.0, keep_firing_seconds=2.0)
KEPT = Rule("x", 80.0, 76.0, "warning", "x", no_data=NoData.KEEP, no_data_seconds=3.0)
SHARE = Rule("fps", 20.0, 15.0, "warning", "x", comparison=Comparison.BELOW, each_threshold=30.0)
OFF, PENDING, FIRING = Phase.INACTIVE, Phase.PENDING, Phase.FIRING
RECOVERING, RESOLVED = Phase.RECOVERING, Phase.RESOLVED
FAILED, GONE = Observation(error="no such file"), Observation(gone=True)


def observation(value) -> Observation:
    return value if isinstance(value, Observation) else Observation(value)


def states(rule: Rule, values: list, start: float = 0.0, seconds: float = 1.0) -> list[AlertState]:
    """The states that one value a second leads through."""
    state, seen = AlertState(), []
    for number, value in enumerate(values):
        state = step(state, observation(value), rule, start + number * seconds)
        seen.append(state)
    return seen


def phases(rule: Rule, values: list) -> list[Phase]:
    return [state.phase for state in states(rule, values)]


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        pytest.param(RULE, [80.0], [OFF], id="the threshold itself is no breach"),
        pytest.param(RULE, [80.1], [FIRING], id="above it is one"),
        pytest.param(RULE, [None], [OFF], id="nothing known is no breach"),
        pytest.param(RULE, [math.nan, math.inf], [OFF, OFF], id="what nobody can measure is unknown"),
        pytest.param(PATIENT, [90] * 4, [PENDING] * 3 + [FIRING], id="it fires after for_seconds"),
        pytest.param(PATIENT, [90, 90, 70, 90], [PENDING, PENDING, OFF, PENDING], id="a short breach does not fire"),
        pytest.param(RULE, [90] + [78] * 20, [FIRING] * 21, id="it holds on between exit and threshold"),
        pytest.param(
            RULE, [90] + [70] * 6, [FIRING] + [RECOVERING] * 4 + [RESOLVED, OFF], id="it recovers, then it is resolved"
        ),
        pytest.param(RULE, [90] + [76] * 5, [FIRING] + [RECOVERING] * 4 + [RESOLVED], id="the exit itself ends it"),
        pytest.param(
            RULE, [90, 70, 90] + [70] * 5, [FIRING, RECOVERING, FIRING] + [RECOVERING] * 4 + [RESOLVED],
            id="a new breach begins the wait anew",
        ),
        pytest.param(RULE, [90] + [None] * 59, [FIRING] * 60, id="it outlives a minute without data"),
        pytest.param(RULE, [90] + [None] * 60, [FIRING] * 60 + [RESOLVED], id="and ends after it"),
        pytest.param(PATIENT, [90, None, None, 90], [PENDING] * 3 + [FIRING], id="a gap does not reset the wait"),
        pytest.param(RULE, [90, *[GONE] * 5], [FIRING] + [RECOVERING] * 4 + [RESOLVED], id="nothing left is calm"),
        pytest.param(SLOW, [30.0, 29.9], [OFF, FIRING], id="below compares the other way"),
        pytest.param(SLOW, [29, 31, 32, 32], [FIRING, FIRING, RECOVERING, RESOLVED], id="so does its exit"),
        pytest.param(SLOW, [GONE], [OFF], id="nothing left is not too little"),
        pytest.param(SHARE, [19, 21], [OFF, FIRING], id="a share of slow clients is too high"),
        pytest.param(KEPT, [90] + [None] * 900, [FIRING] * 901, id="it may wait for data for ever"),
        pytest.param(SILENT, [None] * 4, [OFF] * 3 + [FIRING], id="it may fire for want of data"),
        pytest.param(
            SILENT, [*[None] * 4, 10, 10, 10], [OFF] * 3 + [FIRING, RECOVERING, RESOLVED, OFF], id="until some come"
        ),
        pytest.param(
            SILENT, [*[None] * 4, 90, 90], [OFF] * 3 + [FIRING, RESOLVED, FIRING], id="a breach is another alert"
        ),
        pytest.param(SILENT, [90] + [None] * 9, [FIRING] * 10, id="one that fires goes on"),
    ],
)  # fmt: skip
def test_an_alert_goes_through_its_phases(rule, values, expected):
    assert phases(rule, values) == expected


def test_without_data_it_fires_with_the_seconds_and_the_reason():
    *_, silent = states(SILENT, [10, *[None] * 6])
    assert (silent.reason, silent.value, silent.peak, silent.since) == ("no data", 6.0, 6.0, 3.0)
    *_, failed = states(SILENT, [10, *[FAILED] * 4])
    assert (failed.reason, failed.value) == ("error", 4.0)


def test_it_says_why_it_ended():
    ended = [states(RULE, [90, *[value] * seconds])[-1].ended for value, seconds in ((10, 5), (None, 60), (GONE, 5))]
    assert ended == ["", "not measured", "client gone"]


def test_the_peak_of_a_value_that_is_too_low_is_the_lowest():
    assert states(SLOW, [29, 12, 25])[-1].peak == 12


def test_a_third_firing_within_ten_minutes_is_flapping_until_five_minutes_are_calm():
    busy_once_a_minute = [90, *[10] * 59] * 10
    seen = states(RULE, [*busy_once_a_minute, *[10] * 400])
    beginnings = [at for at, state in enumerate(seen) if state.phase is FIRING and not seen[at - 1].fires]
    assert beginnings == [0, 60, 120]
    assert [state.flapping for state in seen[119:122]] == [False, True, True]
    assert [at for at, state in enumerate(seen) if state.phase is RESOLVED] == [5, 65, 540 + 300]


@pytest.mark.parametrize("then", [[10, 10, 10], [90]], ids=["it is calm again", "it is a breach"])
def test_the_last_value_of_an_alert_without_data_is_in_seconds_and_not_in_the_metrics_unit(then):
    resolved = next(one for one in states(SILENT, [*[None] * 6, *then]) if one.phase is RESOLVED)
    assert (resolved.value, resolved.peak) == (0.0, 5.0)


def test_a_flapping_alert_whose_value_comes_and_goes_stays_one_episode():
    brief = replace(RULE, no_data_seconds=3.0)
    seen = states(brief, ([90] + [None] * 8) * 12 + [None] * 300)
    began = [state.since for before, state in pairwise(seen) if state.fires and not before.fires]
    # The very first state fires, and is not among them.
    assert began == [9.0, 18.0]
    assert seen[-10].phase is FIRING
    assert [(state.phase, state.ended) for state in seen if state.ended][-1] == (RESOLVED, NOT_MEASURED)


def test_firings_that_are_far_apart_are_not_flapping():
    seen = states(RULE, [90, *[10] * 399] * 5)
    assert sum(state.phase is RESOLVED for state in seen) == 5
    assert not any(state.flapping for state in seen)


def test_a_value_that_crosses_the_threshold_every_second_is_one_episode():
    seen = states(RULE, [90, 10] * 300 + [10] * 10)
    assert sum(state.phase is RESOLVED for state in seen) == 1
    assert not any(state.flapping for state in seen)


@pytest.mark.parametrize(
    ("interval", "pause", "is_quiet"),
    [(1.0, 10.0, False), (1.0, 11.0, True), (5.0, 15.0, False), (5.0, 16.0, True), (60.0, 180.0, False)],
)
def test_after_an_interruption_the_breach_must_last_again(interval, pause, is_quiet):
    patient = msgspec.structs.replace(Observation(90.0), interval=interval)
    state = step(AlertState(), patient, PATIENT, 0.0)
    state = step(state, patient, PATIENT, pause)
    assert (state.phase is PENDING) == is_quiet


def test_after_an_interruption_an_alert_keeps_firing_as_long_as_ever():
    state = step(AlertState(), Observation(90.0), RULE, 0.0)
    ended = []
    for now in range(100, 107):
        state = step(state, Observation(10.0), RULE, float(now))
        ended.append(state.phase is RESOLVED)
    assert ended == [False] * 5 + [True, False]


def test_an_interruption_is_not_time_without_data():
    state = step(AlertState(), Observation(10.0), SILENT, 0.0)
    assert step(state, Observation(), SILENT, 500.0).phase is OFF


def test_a_clock_that_went_back_makes_it_wait_anew():
    state = step(AlertState(), Observation(90.0), PATIENT, 5_000.0)
    state = step(state, Observation(90.0), PATIENT, 1_000.0)
    assert (state.phase, state.since) == (PENDING, 1_000.0)


observations = st.one_of(
    st.none(), st.floats(0, 100), st.sampled_from([76.0, 76.1, 80.0, 80.1]), st.sampled_from([FAILED, GONE])
)
comparisons = st.sampled_from(Comparison)


@st.composite
def rules(draw) -> Rule:
    comparison = draw(comparisons)
    margin = draw(st.floats(0, 20))
    return Rule(
        "cpu_percent",
        80.0,
        80.0 - margin if comparison is Comparison.ABOVE else 80.0 + margin,
        "warning",
        "x",
        for_seconds=float(draw(st.integers(0, 4))),
        keep_firing_seconds=float(draw(st.integers(0, 4))),
        no_data_seconds=float(draw(st.integers(0, 6))),
        comparison=comparison,
        no_data=draw(st.sampled_from(NoData)),
    )


@given(rules(), st.lists(observations, max_size=60), st.floats(-1e5, 1e5))
def test_a_state_survives_the_database_and_a_clock_that_is_set(rule, observed, jump):
    state = other = AlertState()
    for now, value in enumerate(observed):
        state = step(state, observation(value), rule, float(now))
        stored = json.loads(json.dumps(msgspec.to_builtins(other)))
        other = step(msgspec.convert(stored, AlertState), observation(value), rule, float(now))
        assert other == state
    moved = step(state.moved(jump), Observation(90.0), rule, len(observed) + jump)
    assert moved.phase is step(state, Observation(90.0), rule, float(len(observed))).phase


class Naive:
    """What a rule means, looked up in everything that was observed so far, one observation a second.

    It knows no flapping, and no firing for want of data.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.past: list[Observation] = []
        self.fires_since: int | None = None
        self.ended_at = -1

    def fires(self, observed: Observation) -> bool:
        self.past.append(observed)
        now = len(self.past) - 1
        known = [at for at, one in enumerate(self.past) if one.known is not None or one.gone]
        if self.fires_since is None:
            if observed.known is not None and self._breach_began(known) <= now - self.rule.for_seconds:
                self.fires_since = now
        elif self._is_over(now, known):
            self.fires_since, self.ended_at = None, now
        return self.fires_since is not None

    def _breach_began(self, known: list[int]) -> float:
        """When the breach began that has lasted until the last known value, never if there is none."""
        began = math.inf
        later = known[-1]
        for at in reversed(known):
            value = self.past[at].known
            if value is None or not self.rule.is_breach(value) or at <= self.ended_at:
                break
            unknown = later - 1 - at  # the seconds until the last unknown value between the two
            if unknown and self.rule.no_data is NoData.RESOLVE and unknown >= self.rule.no_data_seconds:
                break
            began = later = at
        return began

    def _is_over(self, now: int, known: list[int]) -> bool:
        assert self.fires_since is not None
        if known[-1] != now:
            return self.rule.no_data is NoData.RESOLVE and now - known[-1] >= self.rule.no_data_seconds
        bad = [at for at in known if self.past[at].known is not None and not self.rule.is_calm(self.past[at].known)]
        last_bad = max((at for at in bad if at >= self.fires_since), default=self.fires_since)
        return last_bad != now and now - last_bad >= self.rule.keep_firing_seconds


@given(rules(), st.lists(observations, max_size=60))
def test_it_fires_when_a_naive_reading_of_the_rule_does(rule, observed):
    rule = replace(rule, no_data=NoData.KEEP) if rule.no_data is NoData.FIRE else rule
    naive, state = Naive(rule), AlertState()
    for now, value in enumerate(observed):
        state = step(state, observation(value), rule, float(now))
        if state.flapping:
            return
        assert state.fires == naive.fires(observation(value)), (now, state)


@given(rules(), st.lists(observations, max_size=60))
def test_the_peak_is_the_worst_value_of_the_breach(rule, observed):
    worst = None
    for value, state in zip(observed, states(rule, observed), strict=True):
        known = observation(value).known
        if state.phase in (OFF, RESOLVED) or state.reason:
            worst = None
        elif known is not None:
            worst = known if worst is None else rule.worst(worst, known)
        if state.fires or state.phase is PENDING:
            assert state.reason or state.peak == worst


@given(rules(), st.integers(1, 30))
def test_one_breach_is_one_episode_however_long_it_lasts(rule, length):
    bad, calm = (90.0, 10.0) if rule.is_above else (10.0, 120.0)
    seen = phases(rule, [bad] * (length + 4) + [calm] * 6)
    assert seen.count(RESOLVED) == 1
