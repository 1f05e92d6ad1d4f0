import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.told import Told
from tests.monitoring.batches import MINUTE, sample


def tell(told: Told, start: float, seconds: int, *, jumped: bool = False):
    """Second after second: what was sent about each, and the repeated minutes."""
    placed = [
        told.place(sample(start + second, messages=1), jumped=jumped and second == 0) for second in range(seconds)
    ]
    return [one for one, _ in placed], [renewed for _, renewed in placed if renewed is not None]


def test_continuous_time_is_sent_unchanged():
    samples, renewed = tell(Told(), MINUTE, 150)
    assert [one.start for one in samples] == [MINUTE + second for second in range(150)]
    assert (renewed, sum(one.seconds for one in samples)) == ([], 150)


def test_a_clock_set_ahead_and_corrected_sends_no_minute_twice():
    told = Told()
    tell(told, MINUTE, 60)
    tell(told, MINUTE + 7200, 60, jumped=True)
    samples, renewed = tell(told, MINUTE + 120, 60, jumped=True)
    assert (renewed, [one.seconds for one in samples]) == ([], [1.0] * 60)


def test_repeated_minutes_void_what_was_sent_about_them():
    told = Told()
    tell(told, MINUTE, 300)
    _, renewed = tell(told, MINUTE + 60, 300, jumped=True)
    assert renewed == [MINUTE + 60, MINUTE + 120, MINUTE + 180, MINUTE + 240]


def test_a_step_back_within_a_minute_covers_no_second_twice_and_loses_no_count():
    told = Told()
    before, _ = tell(told, MINUTE, 40)
    after, renewed = tell(told, MINUTE + 30, 30, jumped=True)
    assert renewed == []
    assert sum(one.seconds for one in (*before, *after)) == 60
    assert sum(one.messages for one in (*before, *after)) == 70
    assert all(MINUTE <= one.start <= one.until <= MINUTE + 60 for one in (*before, *after))


@given(st.lists(st.tuples(st.integers(-600, 600), st.integers(1, 130)), max_size=6))
def test_no_minute_is_ever_sent_for_more_than_its_length(stretches):
    told, minutes, now = Told(), {}, float(MINUTE)
    for jump, seconds in stretches:
        now += jump
        for second in range(seconds):
            one, renewed = told.place(sample(now, messages=1), jumped=second == 0)
            if renewed is not None:
                minutes[renewed] = 0.0
            minute = one.start // 60 * 60
            minutes[minute] = minutes.get(minute, 0.0) + one.seconds
            now += 1
    assert all(seconds == pytest.approx(60) or seconds < 60 for seconds in minutes.values())
