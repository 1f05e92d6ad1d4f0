from datetime import timedelta
from email.utils import format_datetime
from functools import partial

import pytest
from django.db import OperationalError
from django.utils import timezone

from monitoring.alerting import delivery
from monitoring.alerting.attempts import GIVEN_UP_AFTER, LONGEST_PAUSE, LOST, Attempt, pause, record
from monitoring.alerting.channels.webhook import signature
from monitoring.alerting.delivery import CLAIM, busy
from monitoring.alerting.outbox import plan_notices
from monitoring.models import Alert, AlertChannel, Notice
from tests.monitoring.alerting.rows import NOW, after, channel, firing_alert, told, waiting_notice, webhook
from tests.receivers import http_receiver
from tests.site import free_port

pytestmark = pytest.mark.django_db
deliver = partial(delivery.deliver, wait=10.0)  # however busy the machine is


def test_a_notice_is_sent_once_signed_and_with_its_key(receiver):
    webhook(f"{receiver.url}/hook")
    firing_alert()
    plan_notices(NOW)
    assert str(deliver(NOW)) == "sent 1 notice"
    assert str(deliver(after(seconds=1))) == "sent 0 notices"
    (request,) = receiver.received
    notice = Notice.objects.get()
    assert (request.path, request.headers["Idempotency-Key"]) == ("/hook", str(notice.key))
    stamp = request.headers["X-Avatar-Timestamp"]
    assert request.headers["X-Avatar-Signature"] == signature("a shared secret", stamp, request.body)
    assert (request.json["kind"], request.json["key"]) == ("firing", str(notice.key))
    assert [alert["subject"] for alert in request.json["alerts"]] == ["web-1"]
    assert (notice.sent_at is not None, notice.attempts) == (True, 1)
    assert [(line["ok"], line["text"]) for line in notice.answers] == [(True, "200 OK")]


def test_a_receiver_that_fails_gets_the_same_notice_again_after_a_pause(receiver):
    waiting_notice(webhook(receiver.url))
    receiver.answers = [(500, {}), (200, {})]
    assert str(deliver(NOW)) == "sent 0 notices, failed to send 1"
    assert str(deliver(after(seconds=1))) == "sent 0 notices"
    assert str(deliver(after(seconds=20))) == "sent 1 notice"
    first, second = receiver.received
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body
    assert [line["text"] for line in Notice.objects.get().answers] == ["500 Internal Server Error", "200 OK"]


def test_the_pause_doubles_and_keeps_below_half_an_hour():
    pauses = [pause(attempts, None, lambda: 0.5).total_seconds() for attempts in (1, 2, 3, 4, 100)]
    assert pauses == [10, 20, 40, 80, LONGEST_PAUSE.total_seconds()]
    assert pause(1, None, lambda: 0.0) < pause(1, None, lambda: 1.0) < 2 * pause(1, None, lambda: 0.0)


@pytest.mark.parametrize("form", [str, lambda seconds: format_datetime(timezone.now() + timedelta(seconds=seconds))])
def test_it_comes_back_when_the_receiver_says(receiver, form):
    waiting_notice(webhook(receiver.url))
    receiver.answers = [(429, {"Retry-After": form(300)}), (200, {})]
    deliver(NOW)
    assert deliver(after(seconds=290)).sent == 0
    assert deliver(after(seconds=310)).sent == 1


def test_after_a_day_it_is_given_up_and_the_other_channels_are_told(receiver, caplog):
    broken = webhook(f"http://127.0.0.1:{free_port()}", "broken")
    channel("other", kind="email", target="ann@example.com")
    notice = waiting_notice(broken)
    deliver(NOW)
    Notice.objects.update(due_at=NOW)
    assert str(deliver(NOW + GIVEN_UP_AFTER - timedelta(seconds=1))) == "sent 1 notice, failed to send 1"
    notice.refresh_from_db()
    assert notice.given_up_at is not None
    assert "was given up after 24 hours" in caplog.text
    assert told("other") == [("firing", ["broken"])]
    assert Alert.objects.get().rule == "alert_channel_failed"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301, 308])
def test_a_permanent_refusal_switches_the_channel_off_and_the_other_channels_are_told(receiver, status):
    refused = webhook(receiver.url, "refused")
    receiver.answers = [(status, {"Location": "http://127.0.0.1:9/"})]
    with http_receiver() as other:
        webhook(other.url, "other")
        notice = waiting_notice(refused)
        assert deliver(NOW).failed == 1
        assert other.next().json["alerts"][0]["subject"] == "refused"
    refused.refresh_from_db()
    assert refused.disabled_reason.startswith(str(status))
    notice.refresh_from_db()
    assert notice.given_up_at is not None
    firing_alert()
    plan_notices(after(seconds=5))
    assert [kind for kind, _ in told("refused")] == ["firing"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 302])
def test_a_refusal_that_may_pass_does_not(receiver, status):
    waiting_notice(webhook(receiver.url))
    receiver.answers = [(status, {"Location": "http://127.0.0.1:9/"})]
    deliver(NOW)
    assert AlertChannel.objects.get().disabled_at is None
    assert Notice.objects.get().given_up_at is None


def test_the_alert_about_a_channel_is_over_when_it_works_again(receiver):
    webhook(receiver.url, "flaky")
    waiting_notice(AlertChannel.objects.get())
    from monitoring.alerting import channel_failures

    channel_failures.begin(AlertChannel.objects.get(), "no answer", NOW)
    deliver(after(minutes=1))
    assert Alert.objects.get().ended_at is not None


def test_what_waits_for_a_channel_that_is_off_is_given_up():
    waiting_notice(channel(enabled=False))
    waiting_notice(channel("broken", disabled_at=NOW))
    assert str(deliver(NOW)) == "sent 0 notices, gave 2 up"


def test_notices_of_a_group_keep_their_order(receiver):
    to = webhook(receiver.url)
    waiting_notice(to, due_at=after(hours=1))
    waiting_notice(to)
    waiting_notice(to, group="memory_percent")
    assert deliver(NOW).sent == 1
    assert deliver(after(hours=1)).sent == 2


def test_a_claimed_notice_is_sent_by_nobody_else_until_the_claim_ends(receiver):
    waiting_notice(webhook(receiver.url), claimed_until=NOW + CLAIM)
    assert deliver(after(seconds=89)).sent == 0
    assert deliver(NOW + CLAIM).sent == 1


def test_of_two_that_claim_a_notice_one_gets_it(receiver):
    notice = waiting_notice(webhook(receiver.url))
    same = Notice.objects.get(pk=notice.pk)
    assert Notice.objects.claim(notice, NOW, NOW + CLAIM)
    assert not Notice.objects.claim(same, NOW, NOW + CLAIM)


def test_whoever_comes_second_sends_nothing_and_may_send_the_next_one(receiver, monkeypatch):
    to = webhook(receiver.url)
    waiting_notice(to)
    with monkeypatch.context() as patched:
        patched.setattr(type(Notice.objects), "claim", lambda *_: False)
        assert str(deliver(NOW)) == "sent 0 notices"
    assert busy.take(to.pk, CLAIM)
    assert receiver.received == []


def test_a_failure_that_is_known_after_its_claim_is_left_to_whoever_has_claimed_it_since(receiver):
    notice = waiting_notice(webhook(receiver.url))
    late = Attempt(notice, "test", NOW)
    for claimed_at in (NOW, NOW + CLAIM):
        assert Notice.objects.claim(Notice.objects.get(), claimed_at, claimed_at + CLAIM)
    record(late)
    present = Notice.objects.get()
    assert (present.due_at, present.claimed_until, present.answers) == (NOW, NOW + 2 * CLAIM, [])


def test_an_error_of_a_sender_tells_no_secret(receiver, monkeypatch, caplog):
    from monitoring.alerting.channels import webhook as sender

    def fail(*_):
        raise ValueError(f"cannot reach {receiver.url}/secret-path")

    monkeypatch.setattr(sender, "send", fail)
    waiting_notice(webhook(f"{receiver.url}/secret-path"))
    deliver(NOW)
    assert Notice.objects.get().answers[0]["text"] == "sending raised ValueError"
    assert "secret-path" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_hangs_delays_no_other_and_is_waited_for_in_a_thread(receiver):
    receiver.hangs = True
    hanging = webhook(receiver.url, "hanging")
    with http_receiver() as other:
        waiting_notice(hanging)
        waiting_notice(webhook(other.url, "other"))
        delivered = deliver(NOW, wait=0.5)
        assert (delivered.sent, delivered.slow) == (1, 1)
        assert str(deliver(after(hours=1), wait=0.0)) == "sent 0 notices"
    receiver.stop()
    busy.wait(10)
    notice = Notice.objects.get(channel=hanging)
    assert [line["ok"] for line in notice.answers] == [False]
    assert notice.claimed_until is None


@pytest.mark.django_db(transaction=True)
def test_a_slow_receiver_is_sent_all_that_is_due_by_its_thread(receiver):
    to = webhook(receiver.url)
    waiting_notice(to)
    waiting_notice(to, group="memory_percent")
    assert deliver(NOW, wait=0.0).slow == 1
    busy.wait(10)
    assert len(receiver.received) == 2
    assert not Notice.objects.waiting().exists()


def test_each_lost_answer_is_written_down_and_makes_the_next_attempt_longer(receiver):
    """Whoever never answers holds a thread each time, so that there must not be more and more of them."""
    receiver.hangs = True
    waiting_notice(webhook(receiver.url))
    moment = NOW
    claims = []
    for _ in range(7):
        busy.forget()  # as another process would
        deliver(moment, wait=0.0)
        claimed_until = Notice.objects.get().claimed_until
        claims.append(round((claimed_until - moment).total_seconds()))
        moment = claimed_until + timedelta(seconds=1)
    assert claims == [90, 180, 360, 720, 1440, 1800, 1800]
    assert [line["text"] for line in Notice.objects.get().answers] == [LOST] * 6


def test_a_notice_that_nobody_ever_answered_is_given_up_and_the_other_channels_are_told():
    never = webhook("http://127.0.0.1:9", "never")
    channel("other", kind="email", target="ann@example.com")
    waiting_notice(never, claimed_until=after(minutes=5), attempts=1)
    assert deliver(NOW + GIVEN_UP_AFTER + timedelta(minutes=1)).given_up == 1
    assert told("other") == [("firing", ["never"])]
    assert LOST in Alert.objects.get().message


def test_one_that_nobody_tried_to_send_is_not_the_channels_fault():
    waiting_notice(webhook("http://127.0.0.1:9"))
    assert deliver(NOW + GIVEN_UP_AFTER + timedelta(minutes=1)).given_up == 1
    assert not Alert.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_while_the_database_is_locked_is_recorded_afterwards_and_not_sent_again(receiver, monkeypatch):

    failing = iter([OperationalError("database is locked")] * 3)
    recorded = delivery.record

    def record(attempt):
        for error in failing:
            raise error
        recorded(attempt)

    monkeypatch.setattr(delivery, "record", record)
    monkeypatch.setattr(delivery, "RETRY_SECONDS", 0.01)
    with http_receiver() as other:
        waiting_notice(webhook(receiver.url))
        waiting_notice(webhook(other.url, "other"))
        with pytest.raises(OperationalError):
            deliver(NOW)
        busy.wait(10)
        assert not Notice.objects.waiting().exists()
        deliver(after(minutes=10))
        assert (len(receiver.received), len(other.received)) == (1, 1)


def test_a_clock_that_is_set_back_holds_up_no_notice(receiver):
    to = webhook(receiver.url)
    before = {"created_at": after(days=1), "due_at": after(days=1, hours=2)}
    waiting_notice(to, **before)
    waiting_notice(to, group="memory_percent", claimed_until=after(days=1), **before)
    waiting_notice(to)
    deliver(NOW)
    assert len(receiver.received) == 3
