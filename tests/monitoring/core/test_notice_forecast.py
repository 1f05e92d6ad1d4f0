from datetime import timedelta

from monitoring.core.notice_forecast import notices
from monitoring.core.notice_policy import Terms

HOUR = 3_600.0
ONCE = Terms(repeat=timedelta(0))


def test_one_episode_is_a_notice_that_it_fires_and_one_that_it_is_over():
    assert notices([(100.0, 400.0)], "warning", HOUR) == 2


def test_one_that_goes_on_is_told_again_every_four_hours():
    assert notices([(0.0, None)], "warning", 9 * HOUR) == 3
    assert notices([(0.0, None)], "warning", 9 * HOUR, ONCE) == 1


def test_what_fires_again_within_a_quarter_of_an_hour_waits_for_its_end():
    spans = [(float(start), start + 30.0) for start in range(0, 600, 60)]
    assert notices(spans, "warning", HOUR) <= 4


def test_hosts_that_fire_together_are_one_notice_each_way():
    assert notices([(100.0, 400.0), (100.0, 300.0)], "warning", HOUR) == 2


def test_nothing_fires_nobody_is_told():
    assert notices([], "warning", HOUR) == 0


def test_what_comes_after_the_range_does_not_count():
    assert notices([(100.0, 400.0)], "warning", 200.0) == 1
