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
    return [one["metric"] for one in firing_at(timestamp(MINUTE + at), Unstored(list(waiting))).alerts]


def test_stored_episodes_fire_from_their_beginning_to_their_end():
    store_alerts([told("firing", 5), told("resolved", 20), told("firing", 10, metric="memory_percent")])
    assert metrics(4) == []
    assert metrics(5) == ["cpu_percent"]
    assert metrics(15) == ["memory_percent", "cpu_percent"]
    assert metrics(20) == ["memory_percent"]


def test_they_have_the_form_of_alerts_in_frames():
    store_alerts([told("firing", 5)])
    (shown,) = firing_at(timestamp(MINUTE + 9), Unstored()).alerts
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
        "rule": "cpu_percent",
        "scope": "host",
        "since": MINUTE + 5.0,
        "duration": 4.0,
        "flapping": False,
        "reason": "",
        "grouped": False,
        "runbook": "",
    }


def test_an_unstored_alert_fires_as_well():
    waiting = [told("firing", 5), told("resolved", 20)]
    assert [metrics(at, *waiting) for at in (4, 5, 20)] == [[], ["cpu_percent"], []]


def test_an_alert_that_ended_a_moment_ago_is_over():
    store_alerts([told("firing", 5)])
    assert metrics(30, told("resolved", 20)) == []
    assert metrics(19, told("resolved", 20)) == ["cpu_percent"]


def test_it_fires_until_the_last_node_reports_its_end():
    store_alerts([told("firing", 5), told("firing", 6, boot="boot2")])
    assert metrics(30, told("resolved", 20)) == ["cpu_percent"]
    assert metrics(30, told("resolved", 20), told("resolved", 21, boot="boot2")) == []


def test_all_that_fired_are_counted_and_the_most_important_are_shown():
    store_alerts([told("firing", 5, metric="stale_client_seconds", subject=f"a{number}") for number in range(300)])
    store_alerts([told("firing", 4)])
    found = firing_at(timestamp(MINUTE + 9), Unstored())
    assert (found.total, len(found.alerts)) == (301, 100)
    assert "cpu_percent" in {one["metric"] for one in found.alerts}


def group(at: float, last: float, state: str = "firing"):
    told = alert(
        state, MINUTE + at, metric="stale_client_seconds", subject="web:1", since=MINUTE + 5.0, value=11.0, peak=last,
        last=last, rule="stale_client_seconds", scope="client", grouped=True, examples=["a1", "a2"],
    )  # fmt: skip
    return batch(alerts=[told])


def test_an_alert_about_many_clients_has_their_number_at_the_moment():
    store_alerts([group(5, 11.0), group(10, 900.0), group(15, 2_000.0), group(20, 40.0)])
    counts = [firing_at(timestamp(MINUTE + at), Unstored()).alerts[0]["current"] for at in (5, 12, 15, 19, 60)]
    assert counts == [11, 900, 2_000, 2_000, 40]
    assert firing_at(timestamp(MINUTE + 12), Unstored()).total == 1
