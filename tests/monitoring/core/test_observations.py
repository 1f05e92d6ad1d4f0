import json

import pytest

from monitoring.core import observations as module
from monitoring.core.alert_messages import MOST_CLIENTS_SHOWN
from monitoring.core.view import View

CROWD = 1500


@pytest.fixture
def crowd(monitor, clock) -> list[str]:
    names = [f"idle-{number}" for number in range(CROWD)]
    for name in names:
        monitor.collector.track_client_connection(name)
    clock.advance(61)
    return names


def size_of(frame) -> int:
    return len(frame.for_view(View(limit=1)).payload)


def test_a_crowd_of_idle_clients_fires_some_alerts_and_counts_the_others(monitor, crowd):
    tick = monitor.tick()
    assert len(tick.alerts) == len(monitor.alerts.firing) == module.MOST_ALERTS
    assert monitor.alerts.total == CROWD


def test_a_frame_shows_the_most_important_and_the_total(monitor, probe, crowd):
    probe.set(cpu_percent=95.0)
    monitor.tick()
    frame = monitor.get_current_metrics()
    assert (len(frame["alerts"]), frame["alerts_total"]) == (1 + MOST_CLIENTS_SHOWN, CROWD + 1)
    assert [alert["metric"] for alert in frame["alerts"][:2]] == ["cpu_percent", "stale_client_seconds"]


def test_a_crowd_of_idle_clients_makes_no_large_frame(monitor, clock):
    for number in range(CROWD):
        monitor.collector.track_client_connection(f"idle-{number}")
    view = View(limit=1)
    before = size_of(monitor.reporter.frame([monitor.reporter.report(monitor.tick(), [view])]))
    clock.advance(61)
    assert size_of(monitor.reporter.frame([monitor.reporter.report(monitor.tick(), [view])])) < before + 2 * 1024


def test_a_client_that_speaks_again_makes_room_for_another(monitor, crowd, clock):
    monitor.tick()
    speaking = [subject for _, subject in list(monitor.alerts.firing)[:10]]
    for name in speaking:
        monitor.collector.track_client_message(name, bytes_recv=1)
    clock.advance(1)
    changes = monitor.tick().alerts
    assert [change.state for change in changes] == ["resolved"] * 10 + ["firing"] * 10
    assert monitor.alerts.total == CROWD - 10


def test_a_client_that_leaves_is_no_longer_counted(monitor, crowd, clock):
    monitor.tick()
    for name in crowd:
        monitor.collector.remove_client(name)
    clock.advance(1)
    monitor.tick()
    assert monitor.alerts.total == 0


def test_avatars_see_no_other_client(monitor, crowd):
    tick = monitor.tick()
    own = monitor.collector.client_metrics[crowd[0]]
    frame = monitor.reporter.frame([monitor.reporter.report(tick, [])])
    message = json.loads(frame.for_client(own, monitor.collector.clock(), "n1").payload)
    assert (message["alerts"], message["alerts_total"]) == ([], 0)
