import pytest

from monitoring.columns import timestamp
from monitoring.history.alerts_at import firing_at
from monitoring.journal.unstored import Unstored
from monitoring.storage.episodes import store_alerts
from tests.monitoring.batches import MINUTE, alert, batch

pytestmark = pytest.mark.django_db


def told(state: str, at: float, boot: str = "boot1", **about):
    return batch(boot=boot, alerts=[alert(state, MINUTE + at, **about)])


def metrics(at: float, *waiting) -> list[str]:
    return [one["metric"] for one in firing_at(timestamp(MINUTE + at), Unstored(list(waiting)))]


def test_stored_episodes_are_there_from_their_beginning_to_their_end():
    store_alerts([told("firing", 5), told("resolved", 20), told("firing", 10, metric="memory_percent")])
    assert metrics(4) == []
    assert metrics(5) == ["cpu_percent"]
    assert metrics(15) == ["memory_percent", "cpu_percent"]
    assert metrics(20) == ["memory_percent"]


def test_they_are_as_frames_have_them():
    store_alerts([told("firing", 5)])
    (shown,) = firing_at(timestamp(MINUTE + 9), Unstored())
    assert shown == {
        "type": "performance_alert",
        "severity": "warning",
        "message": "High CPU usage: 90.0%",
        "metric": "cpu_percent",
        "value": 90.0,
        "current": None,
        "peak": 91.0,
        "threshold": 80.0,
        "timestamp": MINUTE + 5.0,
        "state": "firing",
        "subject": "web",
        "node": "web:1",
    }


def test_one_that_is_not_stored_yet_fires_as_well():
    waiting = [told("firing", 5), told("resolved", 20)]
    assert [metrics(at, *waiting) for at in (4, 5, 20)] == [[], ["cpu_percent"], []]


def test_one_that_ended_a_moment_ago_is_over():
    store_alerts([told("firing", 5)])
    assert metrics(30, told("resolved", 20)) == []
    assert metrics(19, told("resolved", 20)) == ["cpu_percent"]


def test_it_fires_until_the_last_node_says_that_it_does_not():
    store_alerts([told("firing", 5), told("firing", 6, boot="boot2")])
    assert metrics(30, told("resolved", 20)) == ["cpu_percent"]
    assert metrics(30, told("resolved", 20), told("resolved", 21, boot="boot2")) == []
