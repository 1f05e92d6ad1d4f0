from monitoring.core.loop_lags import LoopLags


def test_the_longest_lag_since_a_moment():
    lags = LoopLags()
    for at, lag in [(1.0, 900.0), (2.0, 3.0), (3.0, 40.0), (4.0, 5.0)]:
        lags.add(at, lag)
    assert lags.since(1.0) == 40.0
    assert lags.since(0.0) == 900.0
    assert lags.since(3.0) == 5.0


def test_without_a_tick_since_then_it_is_not_known():
    lags = LoopLags()
    lags.add(1.0, 2.0)
    lags.add(2.0, None)
    assert lags.since(1.0) is None
