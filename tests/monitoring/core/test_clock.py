import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.clock import JUMP_SECONDS, Ahead, Stamps, steady_utc
from tests.fakes import FakeClock


@pytest.fixture
def wall():
    return FakeClock(1000.0)


@pytest.fixture
def steady():
    return FakeClock(0.0)


@pytest.fixture
def stamps(wall, steady):
    return Stamps(wall, steady)


def pass_time(wall: FakeClock, steady: FakeClock, seconds: float, *, wall_jump: float = 0.0) -> None:
    steady.advance(seconds)
    wall.advance(seconds + wall_jump)


def test_stamps_are_those_of_the_wall_clock(stamps, wall, steady):
    pass_time(wall, steady, 7)
    assert stamps() == 1007


def test_a_clock_set_forward_is_followed_at_once(stamps, wall, steady):
    pass_time(wall, steady, 1, wall_jump=3600)
    assert stamps() == 4601


def test_a_clock_set_back_is_followed_at_once(stamps, wall, steady):
    pass_time(wall, steady, 1, wall_jump=-3600)
    assert stamps() == wall()
    pass_time(wall, steady, 10)
    assert stamps() == wall()


def test_a_corrected_jump_leaves_nothing_behind(stamps, wall, steady):
    for jump in (7200, 0, -7200):
        pass_time(wall, steady, 60, wall_jump=jump)
        assert stamps() == wall()
    assert stamps() == 1180


def test_a_small_step_back_is_waited_out(stamps, wall, steady):
    pass_time(wall, steady, 0.1, wall_jump=-0.3)
    assert stamps() == 1000


def test_a_slowly_corrected_clock_is_followed_without_a_warning(stamps, wall, steady, caplog):
    for _ in range(100):
        pass_time(wall, steady, 1, wall_jump=-0.01)
        stamps()
    assert stamps() == wall()
    assert not caplog.records


def test_a_jump_is_logged_once(stamps, wall, steady, caplog):
    pass_time(wall, steady, 1, wall_jump=-3600)
    for _ in range(5):
        pass_time(wall, steady, 1)
        stamps()
    assert [record.getMessage() for record in caplog.records] == ["The clock jumped by -3600.0 s"]


@given(
    st.lists(
        st.tuples(st.floats(0, 100) | st.floats(0, 0.3), st.floats(-5000, 5000) | st.floats(-0.6, 0.6)), max_size=30
    )
)
def test_stamps_stay_near_the_wall_clock_and_go_back_only_if_it_was_set(steps):
    wall, steady = FakeClock(1e6), FakeClock(0.0)
    stamps = Stamps(wall, steady)
    before = stamps()
    for seconds, jump in steps:
        pass_time(wall, steady, seconds, wall_jump=jump)
        now = stamps()
        assert now >= before or before + seconds - wall() > JUMP_SECONDS - 1e-6
        assert abs(now - wall()) <= JUMP_SECONDS + 1e-6
        before = now


def test_the_steady_clock_starts_at_utc_and_does_not_follow_the_wall_clock(monkeypatch):
    clock = steady_utc()
    assert clock() == pytest.approx(time.time(), abs=1)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert clock() > 1e9


def test_clocks_that_agree_to_half_a_second_are_not_ahead():
    ahead = Ahead()
    assert ahead.seconds == 0.0
    assert [ahead.follow(offset) for offset in (0.1, 0.4, -0.05)] == [0.0, 0.0, 0.0]
    assert ahead.seconds == 0.0


def test_a_clock_is_ahead_until_it_is_set_right_and_each_setting_is_told_once():
    ahead = Ahead()
    told = [(ahead.follow(offset), ahead.seconds) for offset in (0.0, 60.0, 60.0, -30.0, 0.0)]
    assert told == [(0.0, 0.0), (60.0, 60.0), (0.0, 60.0), (-90.0, -30.0), (30.0, 0.0)]
