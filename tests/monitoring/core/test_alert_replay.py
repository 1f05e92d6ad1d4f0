from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.alert_course import Course
from monitoring.core.alert_replay import Replay
from monitoring.core.alert_rules import Comparison, NoData, Rule
from monitoring.core.alert_state import Observation
from monitoring.core.minute_levels import MinuteLevels
from monitoring.core.records import NODE_GONE
from tests.monitoring.batches import MINUTE

WHO = ("boot1", "web:1", "web")
RULE = Rule("cpu_percent", 80.0, 76.0, "warning", "", for_seconds=10.0)
RULES = st.builds(
    lambda above, margin, **times: Rule(
        "cpu_percent",
        80.0,
        80.0 - margin if above else 80.0 + margin,
        "warning",
        "",
        comparison=Comparison.ABOVE if above else Comparison.BELOW,
        **times,
    ),
    above=st.booleans(),
    margin=st.sampled_from([0.0, 5.0]),
    for_seconds=st.sampled_from([0.0, 3.0, 10.0, 90.0]),
    keep_firing_seconds=st.sampled_from([0.0, 5.0, 30.0]),
)
VALUES = st.sampled_from([0.0, 60.0, 75.0, 78.0, 80.0, 82.0, 90.0, 100.0])
RUNS = st.lists(st.tuples(VALUES, st.integers(1, 58)), min_size=1, max_size=4)
MINUTES = st.builds(lambda runs: [value for value, length in runs for _ in range(length)], RUNS).map(
    lambda values: (values + [values[-1]] * 60)[:60]
)
"""The seconds of minutes with so few changes that hardly any alert is flapping."""


def levels(values: list[float], minute: int = 0) -> MinuteLevels:
    start = float(MINUTE + 60 * minute)
    return MinuteLevels(start, start + 60, 60, sum(values) / 60, min(values), max(values))


def flat(value: float, minute: int = 0) -> MinuteLevels:
    return levels([value] * 60, minute)


def told(course: Course) -> list[tuple[float, float | None, float]]:
    """Beginning and end of each episode, in seconds after MINUTE, and its peak."""
    course.catch_up()
    return [(one.since - MINUTE, one.until and one.until - MINUTE, one.peak) for one in course.alerts]


def by_seconds(rule: Rule, values: list[float]) -> Course:
    course = Course(rule, WHO)
    for second, value in enumerate(values, start=1):
        course.observe(Observation(value), MINUTE + second)
    return course


def firing_seconds(course: Course, until: float) -> float:
    return sum((until if one.until is None else one.until) - one.since for one in course.alerts)


@given(RULES, st.lists(st.tuples(VALUES, st.integers(1, 400)), max_size=12))
def test_passing_over_seconds_that_decide_nothing_changes_nothing(rule, runs):
    course, values = Course(rule, WHO), []
    for value, length in runs:
        course.run(value, float(MINUTE + len(values)), length, 1.0)
        values += [value] * length
    whole = by_seconds(rule, values)
    assert told(course) == told(whole)
    assert course.state.phase in (whole.state.phase, "resolved")


@given(RULES, st.lists(MINUTES, min_size=1, max_size=4))
def test_whatever_happened_within_minutes_an_alert_fired_no_longer_and_no_shorter_than_they_say(rule, minutes):
    replay = Replay(rule, WHO)
    for number, values in enumerate(minutes):
        replay.minute(levels(values, number))
    end = MINUTE + 60.0 * len(minutes)
    replay.finish(end)
    exact = by_seconds(rule, [value for values in minutes for value in values])
    if any(course.state.flapping or len(course.alerts) > 2 for course in (exact, *replay.every)):
        return  # A flapping alert goes on for five minutes: what fires more often may then fire for less time.
    assert firing_seconds(replay.least, end) <= firing_seconds(exact, end) <= firing_seconds(replay.most, end)


@pytest.mark.parametrize(
    ("rule", "minutes"),
    [
        pytest.param(
            Rule("cpu_percent", 80.0, 75.0, "warning", ""),
            [[82.0] + [0.0] * 59, [78.0] * 60],
            id="the next minute would keep a breach at its end firing",
        ),
        pytest.param(
            Rule("cpu_percent", 80.0, 80.0, "warning", "", comparison=Comparison.BELOW),
            [[82.0] * 2 + [0.0] * 58],
            id="the range ends with the last breach",
        ),
    ],
)
def test_the_least_that_fired_is_never_more_than_what_did(rule, minutes):
    replay = Replay(rule, WHO)
    for number, values in enumerate(minutes):
        replay.minute(levels(values, number))
    end = MINUTE + 60.0 * len(minutes)
    replay.finish(end)
    exact = by_seconds(rule, [value for values in minutes for value in values])
    assert firing_seconds(replay.least, end) <= firing_seconds(exact, end)


def test_a_minute_that_does_not_reach_the_threshold_cannot_breach():
    replay = Replay(RULE, WHO)
    replay.minute(levels([10.0] * 59 + [80.0]))
    replay.finish(MINUTE + 60)
    assert (told(replay.most), replay.open_minutes) == ([], set())


def test_a_minute_that_lies_above_the_threshold_breaches_wholly():
    replay = Replay(RULE, WHO)
    for number, value in enumerate((10.0, 90.0, 95.0, 10.0)):
        replay.minute(flat(value, number))
    replay.finish(MINUTE + 240)
    assert told(replay.likely) == told(replay.least) == told(replay.most) == [(71, 185, 95)]
    assert replay.open_minutes == set()


def test_one_second_above_the_threshold_is_no_alert_if_it_needs_ten():
    replay = Replay(RULE, WHO)
    replay.minute(levels([5.0] * 59 + [100.0]))
    replay.finish(MINUTE + 60)
    assert told(replay.most) == []


def test_seconds_above_the_threshold_lie_beside_a_breach_of_the_next_minute():
    replay = Replay(RULE, WHO)
    replay.minute(levels([10.0] * 30 + [90.0] * 30))
    replay.minute(flat(90.0, 1))
    replay.minute(flat(10.0, 2))
    replay.finish(MINUTE + 180)
    assert told(replay.likely) == [(41, 125, 90)]
    assert replay.open_minutes == {MINUTE}


def test_a_rule_about_low_values_has_the_lowest_as_its_peak():
    low = replace(RULE, comparison=Comparison.BELOW, threshold=20.0, exit_threshold=21.0, for_seconds=0.0)
    replay = Replay(low, WHO)
    for number, value in enumerate((50.0, 8.0, 5.0, 50.0)):
        replay.minute(flat(value, number))
    replay.finish(MINUTE + 240)
    assert told(replay.likely) == [(61, 185, 5)]


@pytest.mark.parametrize(("no_data", "expected"), [(NoData.RESOLVE, [(11, 120, 90)]), (NoData.KEEP, [(11, None, 90)])])
def test_minutes_without_a_value_count_as_no_data(no_data, expected):
    replay = Replay(replace(RULE, no_data=no_data), WHO)
    replay.minute(flat(90.0))
    replay.minute(MinuteLevels(MINUTE + 60.0, MINUTE + 120.0, 60, None))
    replay.finish(MINUTE + 120)
    assert told(replay.likely) == expected


def test_an_alert_of_a_node_that_is_no_longer_heard_ends_with_it():
    replay = Replay(RULE, WHO)
    replay.minute(flat(90.0))
    replay.finish(MINUTE + 600)
    assert told(replay.likely) == [(11, 60, 90)]
    assert replay.likely.alerts[0].ended == NODE_GONE


def test_minutes_and_then_seconds_are_one_history():
    replay = Replay(RULE, WHO)
    replay.minute(flat(90.0))
    for second in range(1, 31):
        replay.observe(Observation(99.0 if second < 20 else 10.0), MINUTE + 60 + second)
    replay.finish(MINUTE + 90)
    assert told(replay.likely) == [(11, 84, 99)]
