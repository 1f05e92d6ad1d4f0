"""What nodes are told, over a real Redis."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from monitoring.alerting import live_state
from monitoring.core.alert_instructions import decode
from monitoring.models import Alert, AlertRule, Silence
from monitoring.site import channel_of, key_of, name
from tests.monitoring.alerting.firing import firing

NOW = timezone.now().replace(microsecond=0)


def rule_row(name: str = "many_messages", **fields) -> AlertRule:
    return AlertRule.objects.create(
        name=name, **{"metric": "messages_per_second", "scope": "node", "threshold": 100.0} | fields
    )


def told(redis):
    return decode(redis.get(key_of(name(), "alerting")))


@pytest.mark.django_db
def test_rules_of_hosts_nodes_and_clients_go_to_nodes_and_those_of_the_fleet_do_not(redis_url):
    rule_row()
    rule_row("fleet_messages", scope="fleet")
    rule_row("latency_ms", metric="latency_ms", enabled=False)
    state = live_state.build(NOW)
    assert state.in_force({}).keys() == {"many_messages"}
    assert state.off == ["latency_ms"]


@pytest.mark.django_db
def test_the_version_of_the_rules_changes_with_the_rules_only(redis_url):
    row = rule_row()
    first = live_state.build(NOW).rules_version
    Silence.objects.create(matchers={"rule": "*"}, reason="work", by="ann", ends_at=NOW + timedelta(hours=1))
    assert live_state.build(NOW).rules_version == first
    row.threshold = 200.0
    row.save()
    second = live_state.build(NOW).rules_version
    row.enabled = False
    row.save()
    assert len({first, second, live_state.build(NOW).rules_version}) == 3


@pytest.mark.django_db
def test_answers_are_told_with_who_and_until_when(redis_url):
    acknowledged, resolved, _ = firing("web"), firing("db"), firing("queue")
    until = NOW + timedelta(hours=1)
    Alert.objects.filter(pk=acknowledged.pk).update(
        acknowledged_at=NOW, acknowledged_by="ann", acknowledged_until=until
    )
    Alert.objects.filter(pk=resolved.pk).update(ended_at=NOW, ended="by hand")
    state = live_state.build(NOW)
    (one,), (other,) = state.acknowledged, state.resolved
    assert (one.rule, one.subject, one.by, one.until) == ("cpu_percent", "web", "ann", until.timestamp())
    assert (other.subject, other.at) == ("db", NOW.timestamp())


@pytest.mark.django_db
def test_silences_are_told_while_they_are_in_force_and_shortly_before(redis_url):
    def silence(start: timedelta, end: timedelta, **more) -> None:
        Silence.objects.create(
            matchers={"host": "web"}, reason="work", by="ann", starts_at=NOW + start, ends_at=NOW + end, **more
        )

    hour, day = timedelta(hours=1), timedelta(days=1)
    silence(-hour, hour)
    silence(-hour, hour, ended_at=NOW - hour / 2)
    silence(-2 * hour, -hour)
    silence(hour, 2 * hour)
    silence(-3 * day - hour, -3 * day + hour, repeats="daily")
    told = [(one.start - NOW.timestamp(), one.end - NOW.timestamp()) for one in live_state.build(NOW).silenced]
    assert told == [(-3600.0, 3600.0), (-3600.0, 3600.0)]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_published_when_its_transaction_commits(redis):
    with redis.pubsub() as subscription:
        subscription.subscribe(channel_of(name(), "alerting"))
        with transaction.atomic():
            rule_row()
            live_state.publish_on_commit()
            live_state.publish_on_commit()
            assert not redis.exists(key_of(name(), "alerting"))
        assert told(redis).in_force({}).keys() == {"many_messages"}
        messages = iter(lambda: subscription.get_message(timeout=0.2), None)
        assert [message["type"] for message in messages] == ["subscribe", "message"]


@pytest.mark.django_db(transaction=True)
def test_however_much_a_transaction_changes_it_is_published_once(redis_url, monkeypatch):
    published = []
    monkeypatch.setattr(live_state, "publish", published.append)
    with transaction.atomic():
        for number in range(3):
            rule_row(f"rule_{number}")
    assert len(published) == 1


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_is_saved_or_deleted_is_published_by_itself(redis):
    row = rule_row()
    assert told(redis).in_force({}).keys() == {"many_messages"}
    row.delete()
    assert told(redis).in_force({}) == {}


@pytest.mark.django_db
def test_what_changes_while_it_is_published_is_published_too(redis, monkeypatch):
    build = live_state.build

    def build_before_a_change(now):
        state = build(now)
        monkeypatch.setattr(live_state, "build", build)
        rule_row("late")
        return state

    monkeypatch.setattr(live_state, "build", build_before_a_change)
    live_state.publish(redis)
    assert told(redis).in_force({}).keys() == {"late"}


@pytest.mark.django_db(transaction=True)
def test_whoever_changes_something_is_not_told_that_redis_is_away(settings, caplog):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    live_state.why = type(live_state.why)()
    live_state.publish_on_commit()
    assert "only in the next minute" in caplog.text
