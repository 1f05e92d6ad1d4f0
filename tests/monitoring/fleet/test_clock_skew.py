import pytest

from monitoring.fleet.clock_skew import ClockSkew


@pytest.fixture
def skew(clock) -> ClockSkew:
    return ClockSkew(clock)


def test_it_is_unknown_before_the_first_reading(skew):
    assert skew.seconds is None


@pytest.mark.parametrize(("theirs", "ahead"), [(95.0, 5.01), (105.0, -4.99), (100.01, 0.0)])
def test_it_is_the_difference_at_the_middle_of_the_request(skew, theirs, ahead):
    skew.read(theirs, asked=100.0, seconds=0.02)
    assert skew.seconds == pytest.approx(ahead)


def test_a_delayed_answer_counts_for_less(skew, clock):
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


def test_it_is_unknown_after_a_minute_without_a_reading(skew, clock):
    skew.read(100.0, asked=105.0, seconds=0.002)
    clock.advance(61)
    assert skew.seconds is None
