from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from monitoring.alerting import answers, live_state, outbox
from monitoring.alerting.answers import (
    AlreadyAcknowledgedError,
    AlreadyResolvedError,
    AnswerCounts,
    NotAcknowledgedError,
    answer_one,
)
from monitoring.alerting.connected import connected
from monitoring.core.alert_episodes import NodeAlert
from monitoring.models import Alert, AlertEntry
from tests.monitoring.alerting.firing import client_alerts, firing

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """What was asked of those whom answers concern."""
    asked: list[str] = []
    monkeypatch.setattr(live_state, "publish_on_commit", lambda: asked.append("publish"))
    monkeypatch.setattr(outbox, "plan_notices", lambda _: asked.append("plan"))
    return asked


def log_of(alert: Alert) -> list[tuple[str, str]]:
    return [(entry.kind, entry.by) for entry in alert.entries.all()]


def test_who_acknowledges_first_is_named_to_the_second():
    alert = firing()
    seen = answer_one(answers.acknowledge, alert.pk, "ann", text="I look into it")
    assert (seen.acknowledged_by, seen.acknowledged_peak, seen.acknowledged_severity) == ("ann", 90.0, "warning")
    with pytest.raises(AlreadyAcknowledgedError) as refused:
        answer_one(answers.acknowledge, alert.pk, "bob")
    assert (refused.value.by, refused.value.at) == ("ann", seen.acknowledged_at)
    assert log_of(alert) == [("acknowledged", "ann")]


def test_an_acknowledgement_can_be_taken_back_once():
    alert = firing()
    answer_one(answers.acknowledge, alert.pk, "ann")
    assert answer_one(answers.unacknowledge, alert.pk, "bob").acknowledged_at is None
    with pytest.raises(NotAcknowledgedError):
        answer_one(answers.unacknowledge, alert.pk, "bob")
    answer_one(answers.acknowledge, alert.pk, "bob")
    assert log_of(alert) == [("acknowledged", "ann"), ("unacknowledged", "bob"), ("acknowledged", "bob")]


@pytest.mark.parametrize("answer", [answers.acknowledge, answers.unacknowledge, answers.resolve])
def test_no_answer_reopens_what_is_over(answer):
    alert = firing(ended_at=timezone.now())
    with pytest.raises(AlreadyResolvedError) as refused:
        answer_one(answer, alert.pk, "ann")
    assert (refused.value.by, refused.value.at) == ("", alert.ended_at)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at, log_of(alert)) == ("resolved", None, [])


def test_whoever_resolved_it_is_named():
    alert = firing()
    answer_one(answers.resolve, alert.pk, "ann")
    with pytest.raises(AlreadyResolvedError, match="ann resolved it"):
        answer_one(answers.acknowledge, alert.pk, "bob")


def test_an_alert_that_does_not_exist_cannot_be_answered():
    with pytest.raises(Alert.DoesNotExist):
        answer_one(answers.acknowledge, 1, "ann")


def test_resolving_closes_what_every_node_reports():
    now = timezone.now()
    ended = NodeAlert("b2", "web:2", "web", now.timestamp() - 500, "warning", "", 90.0, 80.0, 95.0, now.timestamp() - 9)
    alert = firing()
    Alert.objects.update(reports=[*alert.reports, msgspec.to_builtins(ended)])
    alert = answer_one(answers.resolve, alert.pk, "ann", text="It was a load test", now=now)
    assert (alert.ended_at, alert.ended) == (now, "by hand")
    own, other = alert.node_alerts
    assert (own.until, own.ended) == (now.timestamp(), "by hand")
    assert other == ended


def test_a_row_of_an_older_release_is_resolved_too():
    alert = firing()
    Alert.objects.update(reports=[])
    assert answer_one(answers.resolve, alert.pk, "ann").node_alerts[0].ended == "by hand"


def test_a_comment_is_added_at_any_time():
    alert = firing(ended_at=timezone.now())
    answer_one(answers.comment, alert.pk, "ann", text=" It was the backup. ")
    assert [entry.text for entry in alert.entries.all()] == ["It was the backup."]


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001, "a\0b"])
def test_a_comment_needs_a_text_that_can_be_stored(text):
    firing()
    with pytest.raises(ValueError, match="text"):
        answers.comment(Alert.objects.all(), "ann", text)


def test_an_acknowledgement_until_the_past_is_refused():
    with pytest.raises(ValueError, match="in the future"):
        answers.acknowledge(Alert.objects.all(), "ann", until=timezone.now() - HOUR)


def test_everything_that_matches_is_answered_some_at_a_time(monkeypatch, told):
    monkeypatch.setattr(answers, "ROWS_AT_A_TIME", 7)
    alerts = client_alerts(20)
    other = firing()
    answers.acknowledge(Alert.objects.having([alerts[3].pk]), "bob")
    Alert.objects.having([alerts[0].pk, alerts[1].pk]).update(ended_at=timezone.now())
    told.clear()
    # The filter no longer finds what was answered.
    found = Alert.objects.of_metrics(["stale_client_seconds"]).latest_first()
    assert answers.acknowledge(found, "ann") == AnswerCounts(done=17, already=1, resolved=2)
    assert answers.acknowledge(found, "ann") == AnswerCounts(done=0, already=18, resolved=2)
    assert AlertEntry.objects.filter(by="ann").count() == 17
    assert log_of(other) == []
    assert told == ["publish", "plan"]


def test_resolving_a_thousand_takes_few_queries(django_assert_max_num_queries):
    client_alerts(1_000)
    with django_assert_max_num_queries(60):
        assert answers.resolve(Alert.objects.all(), "ann").done == 1_000
    assert not Alert.objects.firing().exists()


@pytest.mark.parametrize("answer", [answers.acknowledge, answers.resolve])
def test_what_ends_while_it_is_being_answered_is_over_and_stays_as_it_ended(monkeypatch, answer):
    alert = firing()
    ended_at = timezone.now() - HOUR
    monkeypatch.setattr(answers, "_begin_writing", lambda: Alert.objects.update(ended_at=ended_at))
    assert answer(Alert.objects.all(), "ann") == AnswerCounts(resolved=1)
    alert.refresh_from_db()
    assert (alert.ended_at, alert.ended, alert.acknowledged_at, log_of(alert)) == (ended_at, "", None, [])


def test_those_concerned_are_told_in_the_transaction_that_answers(monkeypatch, told):
    alert = firing()

    def fail(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(outbox, "plan_notices", fail)
    with pytest.raises(RuntimeError):
        answers.acknowledge(Alert.objects.all(), "ann")
    alert.refresh_from_db()
    assert (alert.acknowledged_at, log_of(alert)) == (None, [])


def test_an_acknowledgement_ends_when_its_time_is_over(told):
    alert = firing()
    now = timezone.now()
    answers.acknowledge(Alert.objects.all(), "ann", until=now + HOUR)
    assert answers.expire(now + HOUR - timedelta(seconds=1)) == 0
    assert answers.expire(now + HOUR) == 1
    assert log_of(alert) == [("acknowledged", "ann"), ("expired", "")]
    assert told == ["publish", "plan", "publish"]


def test_an_acknowledgement_that_is_over_is_in_nobodys_way():
    alert = firing()
    now = timezone.now()
    answers.acknowledge(Alert.objects.all(), "ann", until=now + HOUR)
    answer_one(answers.acknowledge, alert.pk, "bob", now=now + 2 * HOUR)
    assert [kind for kind, _ in log_of(alert)] == ["acknowledged", "expired", "acknowledged"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"peak": 98.1}, "worse"), ({"severity": "critical"}, "worse"), ({"peak": 98.0}, None), ({"value": 85.0}, None)],
)
def test_what_gets_worse_comes_back(change, kind):
    alert = firing()
    answers.acknowledge(Alert.objects.all(), "ann")
    Alert.objects.update(**change)
    answers.expire(timezone.now())
    alert.refresh_from_db()
    assert (alert.acknowledged_at is None) == bool(kind)
    assert [one for one, _ in log_of(alert)] == ["acknowledged"] + ([kind] if kind else [])


def test_what_people_saw_is_what_they_acknowledged(monkeypatch):
    """The latest peak may still wait in the journal."""
    alert = firing()

    def refresh(alerts: list[Alert]) -> None:
        for one in alerts:
            one.peak = 99.0

    monkeypatch.setattr(connected, "refresh", refresh)
    answers.acknowledge(Alert.objects.all(), "ann")
    Alert.objects.update(peak=99.0)
    assert answers.expire(timezone.now()) == 0
    assert Alert.objects.get(pk=alert.pk).acknowledged_peak == 99.0


def test_an_acknowledgement_that_was_given_anew_does_not_expire_with_the_old_one():
    alert = firing()
    now = timezone.now()
    answers.acknowledge(Alert.objects.all(), "ann", until=now + HOUR)
    read = Alert.objects.get(pk=alert.pk)
    answer_one(answers.unacknowledge, alert.pk, "ann")
    answer_one(answers.acknowledge, alert.pk, "bob")
    assert not answers.acknowledgements.take_back(alert.pk, read.acknowledged_at)
