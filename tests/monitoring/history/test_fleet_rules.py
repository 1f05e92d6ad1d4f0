from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from monitoring import jobs
from monitoring.columns import timestamp
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.alert_state import AlertState, Observation
from monitoring.history import fleet_rules, seconds
from monitoring.history.fleet_rules import evaluate, evaluated_over
from monitoring.models import Alert, AlertRule, FleetWatch
from monitoring.storage.ingest import drain
from tests.monitoring.batches import MINUTE, append, batch, minute, sample

pytestmark = pytest.mark.django_db
FIRST_RUN = MINUTE + 63.0


@pytest.fixture
def journal(redis, redis_url, settings, monkeypatch):
    monkeypatch.setattr(seconds, "_readers", {})  # what this process knows of another test's journal
    settings.REDIS_URL = redis_url
    return redis


@pytest.fixture
def crowded() -> AlertRule:
    """More than 100 clients on all nodes together for 5 s, until there are 90 for 5 s."""
    return AlertRule.objects.create(
        name="crowded", metric="connections", scope="fleet", threshold=100, exit_threshold=90, for_seconds=5
    )


def measured(journal, counts: Iterable[float | None], since: float = MINUTE, seq: int = 1) -> None:
    """What two nodes appended: half of the clients each, in the seconds from `since` on."""
    at_which = [(since + number, count) for number, count in enumerate(counts) if count is not None]
    if seq == 1:
        # What came before is stored and was deleted.
        append(journal, batch(boot="before"), at=since - 1)
    nodes = [
        batch(*(sample(at, connections=count / 2) for at, count in at_which), seq=seq, boot=boot, node=f"web:{boot}")
        for boot in ("a", "b")
    ]
    append(journal, *nodes, at=at_which[-1][0] + 1)


def episodes() -> list[tuple]:
    return [
        (
            row.rule,
            row.started_at.timestamp() - MINUTE,
            row.ended_at and row.ended_at.timestamp() - MINUTE,
            row.ended,
            row.peak,
        )
        for row in Alert.objects.order_by("started_at")
    ]


@pytest.mark.usefixtures("crowded")
def test_a_breach_of_the_fleet_is_an_episode_second_by_second(journal):
    measured(journal, [50] * 10 + [110] * 20 + [130] * 5 + [80] * 25)
    assert evaluate(FIRST_RUN) == 1
    assert episodes() == [("crowded", 16, 40, "", 130)]
    row = Alert.objects.get()
    assert (row.scope, row.subject, row.node, row.metric, row.client_id) == (
        "fleet",
        "fleet",
        "fleet",
        "connections",
        "",
    )


def test_a_verdicts_share_of_all_nodes_is_evaluated_second_by_second(journal):
    AlertRule.objects.create(
        name="slow_networks", metric="verdict_network_percent", scope="fleet", threshold=40, exit_threshold=40
    )
    evaluate(FIRST_RUN)
    append(journal, batch(boot="before"), at=MINUTE - 1)
    counts = [{"fine": 2}] * 10 + [{"network": 2}] * 20 + [{"fine": 2}] * 30
    for boot, of_node in (("a", counts), ("b", [{"fine": 2}] * 60)):
        seconds_of = [
            sample(MINUTE + 60 + at, connections=2, breakdowns={"verdicts": count}) for at, count in enumerate(of_node)
        ]
        append(journal, batch(*seconds_of, boot=boot, node=f"web:{boot}"), at=MINUTE + 121)
    evaluate(FIRST_RUN + 60)
    assert [(rule, peak) for rule, _, _, _, peak in episodes()] == [("slow_networks", 50.0)]


@pytest.mark.usefixtures("crowded")
def test_it_goes_on_from_minute_to_minute(journal):
    measured(journal, [50] * 57 + [110] * 3)
    evaluate(FIRST_RUN)
    assert episodes() == []
    measured(journal, [115] * 60, MINUTE + 60, seq=2)
    evaluate(FIRST_RUN + 60)
    assert episodes() == [("crowded", 63, None, "", 115)]
    assert Alert.objects.get().last == 115
    measured(journal, [80] * 60, MINUTE + 120, seq=3)
    evaluate(FIRST_RUN + 120)
    assert episodes() == [("crowded", 63, 125, "", 115)]


@pytest.mark.usefixtures("crowded")
def test_a_minute_is_evaluated_once_its_batches_have_arrived(journal):
    measured(journal, [110] * 60)
    evaluate(FIRST_RUN - 60)
    assert evaluate(MINUTE + 62.0) == 0
    assert evaluate(FIRST_RUN) == 1
    assert evaluate(FIRST_RUN + 1) == 0
    assert len(episodes()) == 1


@pytest.mark.usefixtures("crowded")
def test_of_two_runs_at_once_one_decides(journal, monkeypatch):
    measured(journal, [110] * 60)
    real = fleet_rules.evaluated_over

    def overtaken(rule, state, observations):
        found = real(rule, state, observations)
        monkeypatch.setattr(fleet_rules, "evaluated_over", real)
        assert evaluate(FIRST_RUN) == 1
        return found

    monkeypatch.setattr(fleet_rules, "evaluated_over", overtaken)
    assert evaluate(FIRST_RUN) == 0
    assert len(episodes()) == 1


@pytest.mark.usefixtures("crowded")
def test_a_crash_leaves_neither_state_nor_episode(journal, monkeypatch):
    measured(journal, [110] * 60)
    evaluate(FIRST_RUN - 60)
    with monkeypatch.context() as patched:
        patched.setattr(fleet_rules, "plan_notices", lambda _now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            evaluate(FIRST_RUN)
    assert (episodes(), FleetWatch.objects.get().until) == ([], MINUTE)
    evaluate(FIRST_RUN)
    assert len(episodes()) == 1


@pytest.mark.usefixtures("crowded")
def test_what_arrives_later_decides_nothing(journal):
    measured(journal, [50] * 60)
    evaluate(FIRST_RUN)
    late = [sample(MINUTE + second, connections=200) for second in range(60)]
    append(journal, batch(*late, boot="late", node="c"), at=MINUTE + 70)
    evaluate(FIRST_RUN + 60)
    assert episodes() == []


@pytest.mark.usefixtures("crowded")
def test_minutes_whose_seconds_are_gone_are_evaluated_as_a_whole(journal, caplog):
    caplog.set_level("INFO")
    evaluate(FIRST_RUN - 60)
    minute(connections=120)
    evaluate(FIRST_RUN)
    assert episodes() == [("crowded", 6, None, "", 120)]
    assert "no longer holds the seconds" in caplog.text


@pytest.mark.usefixtures("crowded")
def test_after_a_long_outage_the_last_two_hours_are_evaluated(journal):
    evaluate(FIRST_RUN - 60)
    hours = 5 * 3_600
    measured(journal, [110] * 60, MINUTE + hours)
    evaluate(FIRST_RUN + hours)
    assert episodes() == [("crowded", hours + 6, None, "", 110)]
    assert FleetWatch.objects.get().until == MINUTE + hours + 60


@pytest.mark.usefixtures("crowded")
def test_seconds_of_an_outage_of_everything_are_no_evidence_of_its_end(journal):
    measured(journal, [110] * 60)
    evaluate(FIRST_RUN)
    measured(journal, [120] * 60, MINUTE + 300, seq=2)
    evaluate(FIRST_RUN + 300)
    assert episodes() == [("crowded", 6, None, "", 120)]


@pytest.mark.usefixtures("crowded")
def test_seconds_that_were_looked_for_and_never_measured_end_it(journal):
    measured(journal, [110] * 60)
    for minute_later in range(4):
        evaluate(FIRST_RUN + 60 * minute_later)
    (found,) = episodes()
    assert found[3] == "not measured"


def test_a_changed_rule_ends_what_it_no_longer_watches(journal, crowded):
    measured(journal, [110] * 60)
    evaluate(FIRST_RUN)
    AlertRule.objects.filter(pk=crowded.pk).update(metric="cpu_percent", threshold=50, exit_threshold=40)
    evaluate(FIRST_RUN + 60)
    assert episodes() == [("crowded", 6, 60, "rule changed", 110)]


def test_a_changed_text_ends_nothing(journal, crowded):
    measured(journal, [110] * 120)
    evaluate(FIRST_RUN)
    AlertRule.objects.filter(pk=crowded.pk).update(text="Too many: {value:.0f}", severity="critical")
    evaluate(FIRST_RUN + 60)
    assert episodes() == [("crowded", 6, None, "", 110)]
    assert Alert.objects.get().severity == "critical"


def test_a_deleted_rule_ends_its_alert(journal, crowded):
    measured(journal, [110] * 60)
    evaluate(FIRST_RUN)
    crowded.delete()
    evaluate(FIRST_RUN + 60)
    assert episodes() == [("crowded", 6, 60, "rule changed", 110)]
    assert not FleetWatch.objects.exists()


@pytest.mark.usefixtures("crowded")
def test_without_redis_the_next_run_continues(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert evaluate(FIRST_RUN) == 0


@pytest.mark.usefixtures("crowded")
def test_the_job_that_stores_evaluates_them(journal):
    drain(journal)
    jobs.store_snapshots()
    assert FleetWatch.objects.get().rule == "crowded"


def test_one_run_and_many_runs_decide_alike():
    source = random.Random(3)
    rule = Rule("connections", 100, 90, "warning", "{value}", for_seconds=3, scope=AlertScope.FLEET)
    values = [(float(MINUTE + second), Observation(source.choice([80.0, 95.0, 120.0, None]))) for second in range(600)]
    whole = evaluated_over(rule, AlertState(), iter(values))
    state, found = AlertState(), []
    for first in range(0, 600, 60):
        part = evaluated_over(rule, state, iter(values[first : first + 60]))
        state, found = part.state, [*found, *part.records]
    assert state == whole.state
    begun = {(record.since, record.state) for record in whole.records}
    assert begun == {(record.since, record.state) for record in found}


def test_timestamps_are_those_of_the_samples(journal, crowded):
    measured(journal, [110] * 60)
    evaluate(FIRST_RUN)
    assert Alert.objects.get().last_at == timestamp(MINUTE + 60)
    assert crowded.name == FleetWatch.objects.get().rule
