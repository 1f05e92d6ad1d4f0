from collections.abc import Sequence

import pytest

from monitoring.columns import timestamp
from monitoring.core.records import ClockJump, decode, encode
from monitoring.models import Alert, AlertChannel, AlertEntry, Node, Notice, NoticeAlert
from monitoring.storage.rows import store
from monitoring.storage.silent_nodes import close_departed
from tests.fakes import ticked
from tests.monitoring.batches import MINUTE, alert, arrived, batch

pytestmark = pytest.mark.django_db


class ReportingNode:
    """Stores records of a node's alerts, numbered as the node numbers its batches."""

    def __init__(self, boot: str = "boot1", **where: str) -> None:
        self.seq = 0
        self.where = {"boot": boot, "node": f"web:{boot}", **where}

    def __call__(self, *records, jumps: Sequence[ClockJump] = ()) -> None:
        self.seq += 1
        store(arrived(batch(seq=self.seq, alerts=list(records), jumps=list(jumps), **self.where)))


def test_an_episode_is_one_row_from_firing_to_resolved():
    node = ReportingNode()
    node(alert("firing"))
    assert Alert.objects.get().state == "firing"
    node(alert("resolved", MINUTE + 65.0, peak=97.0))
    stored = Alert.objects.get()
    assert (stored.state, stored.duration.total_seconds(), stored.value, stored.peak) == ("resolved", 60, 90, 97)


def test_one_alert_from_its_breach_to_its_row(monitor, clock, probe):
    node = ReportingNode()
    for cpu_percent in (95.0, 97.0, 10.0):
        probe.set(cpu_percent=cpu_percent)
        for _ in range(6):
            tick = ticked(monitor, clock)
            node(*tick.peaks, *tick.alerts)
    row = Alert.objects.get()
    assert (row.metric, row.subject, row.state) == ("cpu_percent", monitor.host, "resolved")
    assert (row.value, row.peak, row.message) == (95.0, 97.0, "High CPU usage: 95.0%")
    (alert,) = row.node_alerts
    assert (alert.boot, alert.since, alert.until) == ("boot1", row.started_at.timestamp(), row.ended_at.timestamp())


def test_an_episode_within_one_batch_is_stored_whole():
    ReportingNode()(alert("firing"), alert("resolved", MINUTE + 8.0), alert("firing", MINUTE + 20.0))
    assert [row.state for row in Alert.objects.latest_first()] == ["firing", "resolved"]


def test_an_alert_that_fires_again_is_another_episode():
    node = ReportingNode()
    node(alert("firing"))
    node(alert("resolved", MINUTE + 10.0))
    node(alert("firing", MINUTE + 30.0))
    assert Alert.objects.count() == 2


def test_a_hosts_alert_is_one_row_however_many_nodes_report_it():
    first, second = ReportingNode("boot1"), ReportingNode("boot2")
    first(alert("firing"))
    second(alert("firing", MINUTE + 6.0))
    assert Alert.objects.firing().get().node == "web:boot1"


def test_a_hosts_alert_is_over_when_the_last_of_its_nodes_says_so():
    first, second = ReportingNode("boot1"), ReportingNode("boot2")
    first(alert("firing"))
    second(alert("firing"))
    first(alert("resolved", MINUTE + 10.0))
    assert Alert.objects.get().state == "firing"
    second(alert("resolved", MINUTE + 11.0))
    assert Alert.objects.get().ended_at == timestamp(MINUTE + 11)


def test_a_node_with_late_batches_reports_the_same_episode():
    first, late = ReportingNode("boot1"), ReportingNode("boot2")
    first(alert("firing"), alert("resolved", MINUTE + 50.0))
    late(alert("firing", MINUTE + 4.5), alert("resolved", MINUTE + 50.5))
    stored = Alert.objects.get()
    assert (stored.started_at, stored.ended_at) == (timestamp(MINUTE + 4.5), timestamp(MINUTE + 50.5))


@pytest.mark.parametrize("jump", [172_800.0, -172_800.0])
def test_an_alert_during_which_the_clock_is_set_keeps_its_duration(jump):
    node, other = ReportingNode(), ReportingNode("boot2")
    node(alert("firing", MINUTE - 7_000, since=MINUTE - 7_000), alert("resolved", MINUTE - 6_000, since=MINUTE - 7_000))
    node(alert("firing", MINUTE, since=MINUTE), alert("firing", MINUTE, subject="db", since=MINUTE))
    other(alert("firing", MINUTE, subject="db", since=MINUTE))
    number = Alert.objects.about_any(["web"]).firing().get().pk
    node(jumps=[ClockJump(MINUTE + 30 + jump, jump)])
    node(alert("resolved", MINUTE + 60 + jump, since=MINUTE + jump))
    stored = Alert.objects.get(pk=number)
    assert (stored.started_at, stored.duration.total_seconds()) == (timestamp(MINUTE + jump), 60)
    assert Alert.objects.about_any(["web"]).count() == 2
    assert Alert.objects.about_any(["db"]).get().started_at == timestamp(MINUTE + min(0, jump))


def test_an_end_without_its_beginning_changes_nothing():
    ReportingNode()(alert("resolved"))
    assert not Alert.objects.exists()


def test_only_alerts_about_clients_name_a_client():
    node = ReportingNode()
    node(alert("firing"), alert("firing", metric="stale_client_seconds", subject="avatar-1"))
    assert [row.metric for row in Alert.objects.of_client("avatar-1")] == ["stale_client_seconds"]
    assert Alert.objects.of_metrics(["cpu_percent"]).get().client_id == ""


def stored() -> list[tuple]:
    rows = Alert.objects.order_by("started_at", "metric", "subject")
    return [
        (row.started_at.timestamp() - MINUTE, row.ended_at and row.ended_at.timestamp() - MINUTE, row.ended)
        for row in rows
    ]


def test_a_killed_node_neither_cuts_nor_merges_another_nodes_reports():
    stays, killed = ReportingNode("a"), ReportingNode("b")
    stays(alert("firing", MINUTE))
    killed(alert("firing", MINUTE))
    stays(alert("resolved", MINUTE + 30.0), alert("firing", MINUTE + 90.0))
    assert stored() == [(0, None, "")]
    Node.objects.filter(boot="b").update(last_seen=timestamp(MINUTE + 20))
    close_departed(timestamp(MINUTE + 120))
    stays(alert("resolved", MINUTE + 300.0))
    assert stored() == [(0, 30, ""), (90, 300, "")]


def test_a_late_end_splits_the_episode_it_held_together():
    first, second = ReportingNode("a"), ReportingNode("b")
    first(alert("firing", MINUTE))
    second(alert("firing", MINUTE + 60.0), alert("resolved", MINUTE + 80.0))
    assert stored() == [(0, None, "")]
    first(alert("resolved", MINUTE + 30.0, since=float(MINUTE)))
    assert stored() == [(0, 30, ""), (60, 80, "")]


def test_a_row_stays_with_the_episode_whose_beginning_it_was():
    first, second = ReportingNode("a"), ReportingNode("b")
    first(alert("firing", MINUTE))
    number = Alert.objects.get().pk
    second(alert("firing", MINUTE + 60.0), alert("resolved", MINUTE + 80.0))
    first(alert("resolved", MINUTE + 30.0))
    assert Alert.objects.earliest("started_at").pk == number


def test_the_peak_is_stored_while_it_fires_and_survives_the_node():
    node = ReportingNode()
    node(alert("firing", since=MINUTE + 5.0))
    node(alert("firing", MINUTE + 20.0, since=MINUTE + 5.0, peak=99.0))
    assert (Alert.objects.get().state, Alert.objects.get().peak) == ("firing", 99.0)
    close_departed(timestamp(MINUTE + 200))
    assert (Alert.objects.get().ended, Alert.objects.get().peak) == ("node gone", 99.0)


def test_the_reason_of_the_end_is_stored():
    node = ReportingNode()
    node(alert("firing", since=MINUTE + 5.0))
    node(alert("resolved", MINUTE + 20.0, since=MINUTE + 5.0, ended="server stopped"))
    assert stored() == [(5, 20, "server stopped")]


def test_one_of_two_nodes_may_stop_and_the_alert_continues():
    stopped, goes_on = ReportingNode("a"), ReportingNode("b")
    for node in (stopped, goes_on):
        node(alert("firing", since=MINUTE + 5.0))
    stopped(alert("resolved", MINUTE + 20.0, since=MINUTE + 5.0, ended="server stopped"))
    assert stored() == [(5, None, "")]
    goes_on(alert("resolved", MINUTE + 50.0, since=MINUTE + 5.0))
    assert stored() == [(5, 50, "")]


def test_rows_of_an_older_release_are_their_own_reports():
    ReportingNode()(alert("firing"), alert("resolved", MINUTE + 30.0, peak=95.0))
    Alert.objects.update(reports=[])
    ReportingNode("boot2")(alert("firing", MINUTE + 20.0), alert("resolved", MINUTE + 50.0))
    assert stored() == [(5, 50, "")]
    assert Alert.objects.get().peak == 95.0


def test_impossible_numbers_are_refused():
    with pytest.raises(ValueError, match="nobody can have measured"):
        decode(encode(batch(alerts=[alert("firing", peak=float("nan"))])))


# Rules


def test_alerts_of_two_rules_about_one_metric_are_two():
    node = ReportingNode()
    node(alert("firing"), alert("firing", rule="cpu_hot", severity="critical"))
    node(alert("resolved", MINUTE + 20.0, rule="cpu_hot"))
    assert [(row.rule, row.state) for row in Alert.objects.order_by("rule")] == [
        ("cpu_hot", "resolved"),
        ("cpu_percent", "firing"),
    ]


@pytest.mark.parametrize("rule", ["", "cpu_percent"])
def test_a_row_of_an_older_release_and_a_record_that_names_its_rule_are_one_alert(rule):
    ReportingNode()(alert("firing"))
    Alert.objects.update(rule=rule, reports=[], scope="")
    ReportingNode("boot2")(alert("firing", MINUTE + 8.0, rule="cpu_percent", scope="host", last=95.0))
    row = Alert.objects.get()
    assert (row.rule, row.scope, row.last, row.started_at) == ("cpu_percent", "host", 95.0, timestamp(MINUTE + 5))


def test_a_rule_that_is_now_about_another_metric_makes_another_row():
    node = ReportingNode()
    node(alert("firing", since=MINUTE + 5.0, rule="hot"))
    node(
        alert("resolved", MINUTE + 9.0, since=MINUTE + 5.0, rule="hot", ended="rule changed"),
        alert("firing", MINUTE + 9.0, metric="memory_percent", since=MINUTE + 9.0, rule="hot"),
    )
    assert stored() == [(5, 9, "rule changed"), (9, None, "")]


def test_last_value_severity_and_flapping_are_those_of_the_latest_record():
    node = ReportingNode()
    node(alert("firing", since=MINUTE + 5.0, rule="cpu_percent", last=90.0))
    node(alert("firing", MINUTE + 10.0, since=MINUTE + 5.0, rule="cpu_percent", severity="critical", flapping=True))
    row = Alert.objects.get()
    assert (row.severity, row.last, row.last_at, row.flapping) == ("critical", None, timestamp(MINUTE + 10), True)
    node(alert("firing", MINUTE + 15.0, since=MINUTE + 5.0, rule="cpu_percent", last=85.0))
    assert (Alert.objects.get().severity, Alert.objects.get().last) == ("critical", 85.0)


def test_the_peak_of_a_rule_that_compares_below_is_the_lowest():
    low = {"metric": "fps", "since": MINUTE + 5.0, "value": 20.0, "threshold": 30.0, "rule": "low_fps"}
    node = ReportingNode()
    for second, peak in ((5.0, 20.0), (10.0, 12.0), (15.0, 12.0)):
        node(alert("firing", MINUTE + second, peak=peak, **low))
    assert Alert.objects.get().peak == 12.0


def test_an_alert_about_many_clients_is_about_no_single_one():
    many = {"metric": "stale_client_seconds", "subject": "web:boot1", "scope": "client", "rule": "stale_client_seconds"}
    ReportingNode()(alert("firing", value=11.0, grouped=True, examples=["a1", "a2"], last=11.0, **many))
    row = Alert.objects.get()
    assert (row.client_id, row.grouped, row.examples, row.scope) == ("", True, ["a1", "a2"], "client")


# What people did


def by_hand(at: float) -> None:
    row = Alert.objects.firing().get()
    row.reports = [{**report, "until": MINUTE + at, "ended": "by hand"} for report in row.reports]
    row.ended_at, row.ended = timestamp(MINUTE + at), "by hand"
    row.save()


def test_an_alert_that_was_ended_by_hand_stays_so_until_it_fires_anew():
    node = ReportingNode()
    node(alert("firing", since=MINUTE + 5.0))
    by_hand(30)
    node(alert("firing", MINUTE + 40.0, since=MINUTE + 5.0, peak=99.0))
    node(alert("resolved", MINUTE + 50.0, since=MINUTE + 5.0))
    assert stored() == [(5, 30, "by hand")]
    node(alert("firing", MINUTE + 60.0, since=MINUTE + 60.0))
    assert stored() == [(5, 30, "by hand"), (60, None, "")]


def test_another_node_whose_alert_had_begun_by_then_does_not_reopen_it():
    ReportingNode()(alert("firing", since=MINUTE + 5.0))
    by_hand(30)
    late = ReportingNode("boot2")
    late(alert("firing", MINUTE + 20.0, since=MINUTE + 20.0))
    assert stored() == [(5, 30, "by hand")]
    late(alert("resolved", MINUTE + 60.0, since=MINUTE + 20.0))
    assert stored() == [(5, 30, "by hand")]


def acknowledge(row: Alert, at: float, by: str = "ada") -> None:
    Alert.objects.filter(pk=row.pk).update(acknowledged_at=timestamp(MINUTE + at), acknowledged_by=by)
    AlertEntry.objects.create(alert=row, kind="acknowledged", by=by, at=timestamp(MINUTE + at))


def mention(row: Alert, at: float) -> Notice:
    channel, _ = AlertChannel.objects.get_or_create(name="desk", kind="email", enabled=False)
    notice = Notice.objects.create(channel=channel, kind="firing", created_at=timestamp(MINUTE + at))
    NoticeAlert.objects.create(notice=notice, alert=row, state="firing", severity="warning", peak=91.0)
    return notice


def test_an_acknowledgement_stays_when_the_episode_is_rebuilt():
    node = ReportingNode()
    node(alert("firing", since=MINUTE + 5.0))
    acknowledge(Alert.objects.get(), 10)
    node(alert("firing", MINUTE + 20.0, since=MINUTE + 5.0, peak=99.0))
    row = Alert.objects.get()
    assert (row.acknowledged_by, row.peak, row.entries.count()) == ("ada", 99.0, 1)


def test_what_was_done_and_told_about_two_rows_is_kept_when_they_turn_out_to_be_one():
    first, second = ReportingNode("a"), ReportingNode("b")
    first(alert("firing", MINUTE, since=float(MINUTE)), alert("resolved", MINUTE + 30.0, since=float(MINUTE)))
    second(alert("firing", MINUTE + 60.0, since=MINUTE + 60.0))
    earlier, later = Alert.objects.order_by("started_at")
    both = mention(earlier, 1)
    NoticeAlert.objects.create(notice=both, alert=later, state="firing", severity="warning", peak=91.0)
    mention(later, 61)
    acknowledge(later, 65)
    ReportingNode("c")(alert("firing", MINUTE + 20.0), alert("resolved", MINUTE + 61.0))
    row = Alert.objects.get()
    assert (row.pk, row.state, row.acknowledged_by) == (earlier.pk, "firing", "ada")
    assert ([entry.by for entry in row.entries.all()], row.mentions.count()) == (["ada"], 2)


def test_what_was_done_and_told_stays_with_its_part_when_one_row_turns_out_to_be_two():
    first, second = ReportingNode("a"), ReportingNode("b")
    first(alert("firing", MINUTE, since=float(MINUTE)))
    second(alert("firing", MINUTE + 60.0, since=MINUTE + 60.0))
    row = Alert.objects.get()
    mention(row, 1)
    mention(row, 70)
    acknowledge(row, 80)
    first(alert("resolved", MINUTE + 30.0, since=float(MINUTE)))
    earlier, later = Alert.objects.order_by("started_at")
    assert (earlier.state, later.state, later.acknowledged_by) == ("resolved", "firing", "ada")
    assert [one.mentions.count() for one in (earlier, later)] == [1, 1]
    assert [one.entries.count() for one in (earlier, later)] == [0, 1]


def test_an_alert_whose_node_nobody_knows_any_more_ends():
    ReportingNode()(alert("firing"))
    Node.objects.all().delete()
    close_departed(timestamp(MINUTE + 61))
    assert stored() == [(5, 5, "node gone")]
