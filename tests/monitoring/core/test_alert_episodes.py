import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.alert_episodes import NodeAlert, episodes, take
from monitoring.core.records import AlertRecord


def alert(boot: str, since: float, until: float | None, ended: str = "", peak: float = 90.0) -> NodeAlert:
    return NodeAlert(boot, f"web:{boot}", "web", since, "warning", f"High, says {boot}", 90.0, 80.0, peak, until, ended)


def spans(*alerts: NodeAlert) -> list[tuple[float, float | None, str]]:
    return [(one.first.since, one.last.until, one.last.ended) for one in episodes(alerts)]


@pytest.mark.parametrize(
    ("alerts", "expected"),
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
def test_alerts_that_overlap_or_touch_are_one_episode(alerts, expected):
    assert spans(*(alert(*one) for one in alerts)) == expected
    assert spans(*(alert(*one) for one in reversed(alerts))) == expected


def test_an_episode_has_the_message_of_the_node_that_fired_first_with_the_highest_peak_of_all():
    (episode,) = episodes([alert("b", 5, 50, peak=99.0), alert("a", 3, 40, peak=91.0)])
    assert (episode.first.message, episode.peak) == ("High, says a", 99.0)


INTERVALS = st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.none() | st.integers(0, 20))


@given(st.lists(INTERVALS, max_size=12), st.randoms(use_true_random=False))
def test_a_moment_is_in_an_episode_exactly_when_it_fired_on_any_node(intervals, source):
    alerts = [alert(boot, since, None if lasted is None else since + lasted) for boot, since, lasted in intervals]
    found = episodes(alerts)
    source.shuffle(alerts)
    assert [(one.first.since, one.last.until) for one in episodes(alerts)] == [
        (one.first.since, one.last.until) for one in found
    ]
    for moment in range(-1, 80):
        fired = any(one.since <= moment < one.end for one in alerts)
        assert fired == any(one.first.since <= moment < one.last.end for one in found)


def taken(
    alerts: list[NodeAlert], state: str, at: float, since: float | None = None, peak: float = 90.0, ended: str = ""
):
    record = AlertRecord("cpu_percent", "web", state, at, "warning", "High", 90.0, 80.0, peak, since, ended)
    return take(alerts, record, boot="a", node="web:1", host="web")


def test_a_node_s_alert_follows_its_records():
    alerts: list[NodeAlert] = []
    taken(alerts, "firing", 5, 5)
    taken(alerts, "firing", 20, 5, peak=97.0)
    taken(alerts, "resolved", 30, 5, peak=98.0, ended="server stopped")
    taken(alerts, "firing", 60, 60)
    assert [(one.since, one.until, one.peak, one.ended) for one in alerts] == [
        (5, 30, 98.0, "server stopped"),
        (60, None, 90.0, ""),
    ]


def test_a_beginning_that_was_lost_comes_with_the_end():
    alerts: list[NodeAlert] = []
    assert taken(alerts, "resolved", 30, 5)
    assert [(one.since, one.until) for one in alerts] == [(5, 30)]


def test_a_node_of_an_older_release_ends_what_it_has_open():
    alerts: list[NodeAlert] = []
    assert not taken(alerts, "resolved", 3)
    taken(alerts, "firing", 5)
    taken(alerts, "resolved", 30)
    assert [(one.since, one.until) for one in alerts] == [(5, 30)]


def test_an_earlier_record_does_not_reopen_what_is_over():
    alerts: list[NodeAlert] = []
    taken(alerts, "firing", 5, 5)
    taken(alerts, "resolved", 30, 5)
    assert not taken(alerts, "firing", 20, 5, peak=99.0)
    assert [(one.until, one.peak) for one in alerts] == [(30, 90.0)]
