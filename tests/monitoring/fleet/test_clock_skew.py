import pytest

from monitoring.fleet.clock_skew import ClockSkew


@pytest.fixture
def skew(clock) -> ClockSkew:
    return ClockSkew(clock)


def test_before_it_was_read_it_is_not_known(skew):
    assert skew.seconds is None


@pytest.mark.parametrize(("theirs", "ahead"), [(95.0, 5.01), (105.0, -4.99), (100.01, 0.0)])
def test_it_is_how_far_our_clock_is_ahead_in_the_middle_of_the_asking(skew, theirs, ahead):
    skew.read(theirs, asked=100.0, seconds=0.02)
    assert skew.seconds == pytest.approx(ahead)


def test_an_answer_that_was_kept_waiting_counts_for_less(skew, clock):
    skew.read(100.0, asked=100.0, seconds=0.002)
    clock.advance(5)
    skew.read(109.0, asked=105.0, seconds=4.0)
    assert skew.seconds == pytest.approx(0.001)


def test_a_clock_that_was_set_is_believed_after_four_answers(skew, clock):
    skew.read(100.0, asked=100.0, seconds=0.002)
    for number in range(4):
        clock.advance(5)
        skew.read(105.0 + 5 * number, asked=110.0 + 5 * number, seconds=0.01)
    assert skew.seconds == pytest.approx(5.005)


def test_what_nobody_has_asked_for_a_minute_is_not_known(skew, clock):
    skew.read(100.0, asked=105.0, seconds=0.002)
    clock.advance(61)
    assert skew.seconds is None
