import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.alert_reports import Reported, episodes, take
from monitoring.core.records import AlertRecord


def reported(boot: str, since: float, until: float | None, ended: str = "", peak: float = 90.0) -> Reported:
    return Reported(boot, f"web:{boot}", "web", since, "warning", f"High, says {boot}", 90.0, 80.0, peak, until, ended)


def spans(*reports: Reported) -> list[tuple[float, float | None, str]]:
    return [(one.first.since, one.last.until, one.last.ended) for one in episodes(reports)]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        pytest.param([("a", 0, 30), ("a", 90, 300)], [(0, 30, ""), (90, 300, "")], id="apart"),
        pytest.param([("a", 0, 30), ("b", 10, 40)], [(0, 40, "")], id="overlapping"),
        pytest.param([("a", 0, 30), ("b", 30, 40)], [(0, 40, "")], id="touching"),
        pytest.param([("a", 0, 90), ("b", 10, 20), ("c", 80, 95)], [(0, 95, "")], id="one within another"),
        pytest.param([("a", 0, None), ("b", 50, 60)], [(0, None, "")], id="one that still fires reaches to now"),
        pytest.param([("a", 0, 30), ("b", 0, 20, "node gone")], [(0, 30, "")], id="a dead node ends nothing"),
        pytest.param([("a", 0, 30), ("b", 0, 40, "node gone")], [(0, 40, "node gone")], id="unless it was the last"),
        pytest.param([("a", 0, 30, "node gone"), ("b", 0, 30, "")], [(0, 30, "")], id="of two ends the better known"),
        pytest.param([("a", 0, 30, "server stopped"), ("b", 0, None)], [(0, None, "")], id="one of two was stopped"),
    ],
)
def test_reports_that_overlap_or_touch_are_one_episode(reports, expected):
    assert spans(*(reported(*one) for one in reports)) == expected
    assert spans(*(reported(*one) for one in reversed(reports))) == expected


def test_an_episode_is_told_by_the_node_that_fired_first_with_the_highest_peak_of_all():
    (episode,) = episodes([reported("b", 5, 50, peak=99.0), reported("a", 3, 40, peak=91.0)])
    assert (episode.first.message, episode.peak) == ("High, says a", 99.0)


INTERVALS = st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.none() | st.integers(0, 20))


@given(st.lists(INTERVALS, max_size=12), st.randoms(use_true_random=False))
def test_a_moment_is_in_an_episode_exactly_when_any_node_reported_it(intervals, source):
    reports = [reported(boot, since, None if lasted is None else since + lasted) for boot, since, lasted in intervals]
    found = episodes(reports)
    source.shuffle(reports)
    assert [(one.first.since, one.last.until) for one in episodes(reports)] == [
        (one.first.since, one.last.until) for one in found
    ]
    for moment in range(-1, 80):
        fired = any(report.since <= moment < report.end for report in reports)
        assert fired == any(one.first.since <= moment < one.last.end for one in found)


def told(
    reports: list[Reported], state: str, at: float, since: float | None = None, peak: float = 90.0, ended: str = ""
):
    record = AlertRecord("cpu_percent", "web", state, at, "warning", "High", 90.0, 80.0, peak, since, ended)
    return take(reports, record, boot="a", node="web:1", host="web")


def test_a_report_follows_what_its_node_tells():
    reports: list[Reported] = []
    told(reports, "firing", 5, 5)
    told(reports, "firing", 20, 5, peak=97.0)
    told(reports, "resolved", 30, 5, peak=98.0, ended="server stopped")
    told(reports, "firing", 60, 60)
    assert [(one.since, one.until, one.peak, one.ended) for one in reports] == [
        (5, 30, 98.0, "server stopped"),
        (60, None, 90.0, ""),
    ]


def test_a_beginning_that_was_lost_is_told_again_with_the_end():
    reports: list[Reported] = []
    assert told(reports, "resolved", 30, 5)
    assert [(one.since, one.until) for one in reports] == [(5, 30)]


def test_a_node_of_an_older_release_ends_what_it_has_open():
    reports: list[Reported] = []
    assert not told(reports, "resolved", 3)
    told(reports, "firing", 5)
    told(reports, "resolved", 30)
    assert [(one.since, one.until) for one in reports] == [(5, 30)]


def test_what_is_over_is_not_opened_by_what_was_told_before():
    reports: list[Reported] = []
    told(reports, "firing", 5, 5)
    told(reports, "resolved", 30, 5)
    assert not told(reports, "firing", 20, 5, peak=99.0)
    assert [(one.until, one.peak) for one in reports] == [(30, 90.0)]
