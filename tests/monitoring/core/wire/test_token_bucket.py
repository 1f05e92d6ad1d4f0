import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.wire.token_bucket import TokenBucket
from tests.fakes import FakeClock


@pytest.fixture
def clock():
    return FakeClock(0.0)


def test_a_burst_passes_and_what_exceeds_it_does_not(clock):
    bucket = TokenBucket(rate=10.0, burst=3.0, clock=clock)
    assert [bucket.take() for _ in range(5)] == [True, True, True, False, False]


def test_it_refills_with_time_but_not_beyond_the_burst(clock):
    bucket = TokenBucket(rate=10.0, burst=3.0, clock=clock)
    for _ in range(3):
        bucket.take()
    clock.advance(0.1)
    assert [bucket.take() for _ in range(2)] == [True, False]
    clock.advance(3600)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.floats(0, 2), min_size=1, max_size=100))
def test_no_more_pass_than_the_burst_and_the_rate_allow(pauses):
    clock = FakeClock(0.0)
    bucket = TokenBucket(rate=5.0, burst=4.0, clock=clock)
    passed = 0
    for pause in pauses:
        clock.advance(pause)
        passed += bucket.take()
    assert passed <= 4 + 5 * clock.now + 1e-6
