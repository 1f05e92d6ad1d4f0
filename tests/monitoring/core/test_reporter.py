import json
from dataclasses import replace

from monitoring.core.message import view_key
from monitoring.core.view import View
from tests.fakes import ticked


def test_a_report_says_who_makes_it_and_when_the_next_one_comes(monitor, clock):
    tick = ticked(monitor, clock)
    report = monitor.reporter.report(tick, [])
    assert (report.node, report.boot, report.host) == (monitor.node, monitor.boot, monitor.host)
    assert (report.seq, report.timestamp, report.interval) == (1, clock.now, 1.0)


def test_a_report_has_the_rows_of_the_views_it_was_asked_for(monitor, clock):
    for client_id in ("ada", "bob"):
        monitor.collector.track_client_connection(client_id)
    view = View(limit=1)
    report = monitor.reporter.report(ticked(monitor, clock), [view])
    assert list(report.rows) == [view_key(view)]
    assert [row["client_id"] for row in report.rows[view_key(view)].rows] == ["ada"]


def test_states_are_counted_by_the_rules_in_force_and_only_while_somebody_looks(monitor, clock):
    monitor.collector.track_client_connection("ada")
    tick = ticked(monitor, clock, 8.0)
    assert monitor.reporter.report(tick, []).states == {}
    assert monitor.reporter.report(tick, [View()]).states == {"live": 1}
    stale = monitor.alerts.rules["stale_client_seconds"]
    monitor.alerts.use({**monitor.alerts.rules, stale.key: replace(stale, threshold=5.0)})
    assert monitor.reporter.report(ticked(monitor, clock), [View()]).states == {"stale": 1}


def test_who_sends_more_than_the_limit_of_the_project_is_noisy(monitor, clock):
    monitor.reporter.noisy_per_second = 2.0
    for client_id in ("ada", "bob"):
        monitor.collector.track_client_connection(client_id)
    clock.advance(30)
    monitor.reporter.report(ticked(monitor, clock), [noisy := View(state="noisy")])
    for client_id in ("ada", "ada", "ada", "bob", "bob"):
        monitor.collector.track_client_message(client_id, 0, 10)
    report = monitor.reporter.report(ticked(monitor, clock), [noisy])
    assert [row["client_id"] for row in report.rows[view_key(noisy)].rows] == ["ada"]
    assert report.states == {"noisy": 1, "live": 2}


def test_a_row_has_its_rate_from_the_second_report_on(monitor, clock):
    monitor.collector.track_client_connection("ada")
    clock.advance(30)

    def rate():
        report = monitor.reporter.report(ticked(monitor, clock), [View()])
        return report.rows[view_key(View())].rows[0]["messages_per_second"]

    assert rate() is None
    monitor.collector.track_client_message("ada", 0, 10)
    assert rate() == 1.0


def test_reports_do_not_change_after_they_were_made(monitor, clock):
    report = monitor.reporter.report(ticked(monitor, clock), [])
    monitor.collector.track_client_latency("ada", 500.0)
    ticked(monitor, clock)
    assert (report.latency.count, report.latency_sketch.count) == (0, 0)


def test_a_report_holds_the_firing_alerts(monitor, clock, probe):
    probe.set(cpu_percent=99.0)
    report = monitor.reporter.report(ticked(monitor, clock), [])
    assert [alert["metric"] for alert in report.alerts] == ["cpu_percent"]
    assert report.alerts_total == 1


def test_a_frame_of_one_report_is_this_node_s(monitor, clock):
    report = monitor.reporter.report(ticked(monitor, clock), [View()])
    frame = monitor.reporter.frame([report]).as_dict(View())
    assert (frame["epoch"], frame["interval"], frame["stretched"]) == (monitor.boot, 1.0, False)
    assert [node["node"] for node in frame["nodes"]] == [monitor.node]


def test_a_client_s_frame_shows_only_that_client(monitor, clock):
    for client_id in ("ada", "bob"):
        monitor.collector.track_client_connection(client_id)
    frame = monitor.reporter.frame([monitor.reporter.report(ticked(monitor, clock), [])])
    own = monitor.reporter.for_client(frame, "ada")
    assert [row["client_id"] for row in json.loads(own.text)["clients"]] == ["ada"]
    assert monitor.reporter.for_client(frame, "nobody") is None
