from datetime import timedelta

import pytest
from django.db import IntegrityError

from monitoring.alerting import notice_texts, outbox
from monitoring.alerting.outbox import plan_notices
from monitoring.models import Alert, AlertRule, Notice, OwnGauge, Silence
from monitoring.models.notice import NoticeQuerySet
from tests.monitoring.alerting.rows import NOW, after, channel, end, firing_alert, told

pytestmark = pytest.mark.django_db


def test_without_a_channel_nobody_is_told():
    firing_alert()
    assert plan_notices(NOW) == 0


def test_a_channel_is_told_once_that_an_alert_fires_and_once_that_it_is_over():
    channel()
    alert = firing_alert()
    assert [plan_notices(after(seconds=second)) for second in range(3)] == [1, 0, 0]
    end(alert, after(minutes=10))
    assert [plan_notices(after(minutes=10, seconds=second)) for second in range(3)] == [1, 0, 0]
    assert told() == [("firing", ["web-1"]), ("resolved", ["web-1"])]


def test_alerts_of_one_rule_are_told_together_once_in_fifteen_minutes():
    channel()
    for number in range(50):
        firing_alert(f"web-{number}")
        plan_notices(after(seconds=number))
    assert [len(subjects) for _, subjects in told()] == [1]
    assert plan_notices(after(minutes=14)) == 0
    plan_notices(after(minutes=15))
    second = Notice.objects.latest("pk")
    assert (second.content["firing"], len(second.content["alerts"]), second.content["more"]) == (50, 20, 30)
    assert second.alerts.count() == 50


def test_a_higher_severity_does_not_wait():
    channel()
    firing_alert("web-1")
    plan_notices(NOW)
    firing_alert("web-2", severity="critical")
    assert plan_notices(after(seconds=1)) == 1


def test_each_rule_is_told_by_itself():
    channel()
    firing_alert(rule="cpu_percent")
    firing_alert(rule="memory_percent")
    assert plan_notices(NOW) == 2


def test_the_end_waits_for_all_that_the_channel_was_told_about():
    channel()
    first, second = firing_alert("web-1"), firing_alert("web-2")
    plan_notices(NOW)
    end(first, after(minutes=1))
    assert plan_notices(after(minutes=1)) == 0
    end(second, after(minutes=2))
    assert plan_notices(after(minutes=2)) == 1
    assert told()[-1] == ("resolved", ["web-1", "web-2"])


def test_what_still_fires_is_told_again():
    channel(repeat_minutes=240)
    firing_alert()
    planned = [plan_notices(after(minutes=minutes)) for minutes in (0, 239, 240, 241)]
    assert planned == [1, 0, 1, 0]
    assert [kind for kind, _ in told()] == ["firing", "repeated"]


def test_the_second_line_hears_of_what_nobody_has_acknowledged():
    channel("second line", escalates_after_minutes=30)
    acknowledged = firing_alert("web-1", acknowledged_at=NOW)
    firing_alert("web-2")
    assert plan_notices(after(minutes=29)) == 0
    assert plan_notices(after(minutes=30)) == 1
    assert told("second line") == [("escalated", ["web-2"])]
    end(acknowledged, after(minutes=40))
    assert plan_notices(after(minutes=40)) == 0


def test_an_acknowledgement_that_ends_while_the_alert_fires_is_told():
    channel()
    alert = firing_alert()
    plan_notices(NOW)
    Alert.objects.update(acknowledged_at=after(minutes=1))
    assert plan_notices(after(minutes=300)) == 0
    Alert.objects.update(acknowledged_at=None)
    assert plan_notices(after(minutes=301)) == 1
    assert told()[-1] == ("firing", [alert.subject])


def test_an_acknowledgement_whose_time_is_over_ends_before_anybody_is_told():
    channel()
    firing_alert(acknowledged_at=NOW, acknowledged_by="ann", acknowledged_until=after(hours=1))
    assert plan_notices(after(minutes=59)) == 0
    assert plan_notices(after(minutes=60)) == 1


def test_nobody_is_told_of_the_end_of_what_somebody_took_care_of_before_it_was_told():
    channel()
    alert = firing_alert(acknowledged_at=NOW, acknowledged_by="ann")
    assert plan_notices(after(minutes=1)) == 0
    end(alert, after(minutes=2))
    assert plan_notices(after(minutes=2)) == 0


def silence(**fields) -> Silence:
    given = {"matchers": {"subject": "web-*"}, "reason": "works", "by": "ann", "starts_at": NOW - timedelta(hours=1)}
    return Silence.objects.create(**given | {"ends_at": after(hours=1)} | fields)


def test_nobody_is_told_about_silenced_alerts_until_the_silence_ends():
    channel()
    silence()
    firing_alert()
    assert plan_notices(after(minutes=59)) == 0
    assert plan_notices(after(minutes=60)) == 1


def test_nobody_is_told_about_what_fired_and_ended_in_silence():
    channel()
    silence()
    alert = firing_alert()
    plan_notices(NOW)
    end(alert, after(minutes=50))
    assert plan_notices(after(minutes=61)) == 0


def test_the_end_of_a_told_alert_is_told_when_its_silence_ends():
    channel()
    alert = firing_alert()
    plan_notices(NOW)
    silence(starts_at=NOW)
    end(alert, after(minutes=50))
    assert plan_notices(after(minutes=51)) == 0
    assert plan_notices(after(minutes=61)) == 1


def test_an_alert_that_was_over_before_it_was_stored_is_told_all_the_same():
    channel()
    end(firing_alert(), after(seconds=30))
    assert [plan_notices(after(minutes=1, seconds=second)) for second in range(2)] == [1, 0]
    assert told() == [("resolved", ["web-1"])]


def test_a_new_channel_is_not_told_what_was_over_before():
    end(firing_alert(), after(seconds=30))
    made = channel()
    made.save()
    assert plan_notices(after(minutes=1)) == 0


@pytest.mark.parametrize(
    ("ended", "planned"), [("", 1), ("grouped", 0), ("node gone", 0), ("client gone", 0), ("by hand", 1)]
)
def test_the_end_of_a_client_s_alert_is_told_if_its_value_came_down(ended, planned):
    channel()
    alert = firing_alert("ava", client_id="ava")
    plan_notices(NOW)
    end(alert, after(minutes=1), ended)
    assert plan_notices(after(minutes=1)) == planned


def test_a_channel_hears_of_its_severities_and_matchers_only():
    channel("critical", severity="critical")
    channel("web", matchers={"host": "web-*"})
    firing_alert("web-1")
    firing_alert("db-1", severity="critical")
    plan_notices(NOW)
    assert (told("critical"), told("web")) == ([("firing", ["db-1"])], [("firing", ["web-1"])])


def test_channels_that_are_off_hear_nothing():
    channel("off", enabled=False)
    channel("broken", disabled_at=NOW)
    firing_alert()
    assert plan_notices(NOW) == 0


def test_what_was_given_up_is_told_anew():
    channel()
    firing_alert()
    plan_notices(NOW)
    Notice.objects.update(given_up_at=after(hours=24))
    assert plan_notices(after(hours=24)) == 1


def test_an_alertmanager_is_told_about_every_change_and_again_while_alerts_fire():
    channel("manager", kind="alertmanager")
    first = firing_alert("web-1")
    firing_alert("web-2", acknowledged_at=NOW)
    plan_notices(NOW)
    end(first, after(minutes=1))
    planned = [plan_notices(after(minutes=minutes)) for minutes in (1, 2, 3, 4, 5)]
    assert planned == [1, 0, 0, 1, 0]
    expected = [("firing", ["web-1", "web-2"]), ("resolved", ["web-1"]), ("repeated", ["web-2"])]
    assert told("manager") == expected
    Notice.objects.update(sent_at=after(minutes=5))
    assert plan_notices(after(minutes=8)) == 1
    # It is told so often that this is the same row again.
    assert told("manager") == expected
    assert Notice.objects.latest("pk").mentions.count() == 1


def test_what_is_wrong_with_one_rule_keeps_no_other_from_being_told(monkeypatch, caplog):
    channel()
    firing_alert(rule="memory_percent")
    firing_alert(rule="cpu_percent")
    content_of = notice_texts.content_of

    def fail_for_one(kind, rule, **more):
        if rule.key == "memory_percent":
            raise ValueError("a bad text")
        return content_of(kind, rule, **more)

    monkeypatch.setattr(notice_texts, "content_of", fail_for_one)
    assert plan_notices(NOW) == 1
    assert "Notices could not be written" in caplog.text


def test_a_notice_that_the_database_refuses_keeps_no_other_from_being_written(monkeypatch, caplog):
    channel()
    for rule in ("memory_percent", "cpu_percent"):
        firing_alert(rule=rule)
    upsert = NoticeQuerySet.upsert

    def refuse_one(self, rows):
        if any(row.group == "memory_percent" for row in rows):
            raise IntegrityError("refused")
        upsert(self, rows)

    monkeypatch.setattr(NoticeQuerySet, "upsert", refuse_one)
    assert plan_notices(NOW) == 1
    assert Notice.objects.get().group == "cpu_percent"
    assert "Notices could not be written" in caplog.text


def test_storing_goes_on_whatever_is_wrong_with_notices(monkeypatch):
    channel()
    monkeypatch.setattr(outbox, "_plan", lambda _now: 1 / 0)
    assert plan_notices(NOW) == 0
    firing_alert()


def test_a_notice_says_what_where_how_much_since_when_and_what_to_do(settings):
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_PUBLIC_URL": "https://avatars.example/"}
    AlertRule.objects.create(
        name="cpu_percent", metric="cpu_percent", scope="host", threshold=80.0, runbook="https://wiki.example/cpu"
    )
    channel()
    alert = firing_alert(last=96.5, flapping=True)
    plan_notices(NOW)
    content = Notice.objects.get().content
    assert content["title"] == "Warning: CPU above 80 %, web-1"
    assert content["text"].splitlines() == [
        "web-1: 96.5 %, peak 97 %, threshold 80 %, since 2026-11-27 09:00:00 UTC; it goes on and off",
        "What to do: https://wiki.example/cpu",
        f"Details: https://avatars.example/alerts/{alert.pk}/",
        "The moment it began: https://avatars.example/?at=2026-11-27T09%3A00%3A00Z",
    ]
    assert content["url"] == f"https://avatars.example/alerts/{alert.pk}/"


def test_a_notice_about_many_names_one_and_says_how_many_more(settings):
    channel()
    for number in range(3):
        firing_alert(f"web-{number}")
    plan_notices(NOW)
    content = Notice.objects.get().content
    assert content["title"] == "Warning: CPU above 80 %, web-0 and 2 more"
    assert (content["url"], len(content["text"].splitlines())) == ("", 3)


def test_a_notice_about_many_clients_says_how_many():
    channel(severity="info")
    firing_alert(
        "web:1", "stale_client_seconds", severity="info", grouped=True, peak=2_000.0, threshold=60.0,
        examples=["ann", "bob", "cid", "dan"],
    )  # fmt: skip
    plan_notices(NOW)
    content = Notice.objects.get().content
    assert content["title"] == "Information: Silence of a client above 60 s, web:1"
    assert content["text"] == "web:1: up to 2000 clients since 2026-11-27 09:00:00 UTC, such as ann, bob, cid"


def test_a_notice_says_how_long_it_lasted_and_why_it_ended():
    channel()
    alert = firing_alert()
    plan_notices(NOW)
    end(alert, after(minutes=10), "by hand")
    plan_notices(after(minutes=10))
    content = Notice.objects.latest("pk").content
    assert content["title"] == "Resolved: CPU above 80 %, web-1"
    line = "web-1: peak 97 %, threshold 80 %, since 2026-11-27 09:00:00 UTC; over after 10 minutes (by hand)"
    assert content["text"] == line


def test_a_notice_about_a_gauge_of_the_project_has_its_label_and_its_unit():
    channel()
    OwnGauge.objects.create(name="waiting", label="Orders waiting", unit="orders", first_seen=NOW, last_seen=NOW)
    firing_alert("web:1", "waiting", scope="node", threshold=10.0, value=50.0, peak=50.0)
    plan_notices(NOW)
    content = Notice.objects.get().content
    assert content["title"] == "Warning: Orders waiting above 10 orders, web:1"
    assert content["text"].startswith("web:1: 50 orders, peak 50 orders, threshold 10 orders, since ")
