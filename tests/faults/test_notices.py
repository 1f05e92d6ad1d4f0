"""Notices and workers that die, receivers that do not answer as they should, and several workers at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stack import Stack, running_stack
from tests.receivers import HttpReceiver, MailServer, http_receiver, mail_server
from tests.site import eventually

FIRE = """
from django.utils import timezone
from monitoring.alerting.encryption import encrypted
from monitoring.alerting.outbox import plan_notices
from monitoring.models import Alert, AlertChannel
for name, kind, target in {channels!r}:
    target, secret = (target, "") if kind == "email" else (encrypted(target), encrypted("s" * 20))
    AlertChannel.objects.create(name=name, kind=kind, target=target, secret=secret)
now = timezone.now()
for number in range({alerts}):
    Alert.objects.create(
        rule=f"rule_{{number}}", metric="cpu_percent", scope="host", subject="web", severity="warning", message="High",
        value=95.0, threshold=80.0, peak=95.0, host="web", node="web:1", boot="boot1", started_at=now,
    )
print(plan_notices(now))
"""
LET_CLAIMS_END = "from monitoring.models import Notice; Notice.objects.update(claimed_until=None)"


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as one:
        yield one


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def stack(tmp_path: Path, mail: MailServer) -> Iterator[Stack]:
    variables = {"TEST_MAIL_PORT": str(mail.port), "DJANGO_SETTINGS_MODULE": "tests.faults.mail_settings"}
    with running_stack(tmp_path, **variables) as stack:
        yield stack
        print(stack.logs())


def fire(stack: Stack, *channels: tuple[str, str, str], alerts: int = 1) -> None:
    assert stack.shell(FIRE.format(channels=channels, alerts=alerts)) == str(len(channels) * alerts)


def waiting(stack: Stack) -> int:
    count = "SELECT COUNT(*) FROM avatar_monitoring_notice WHERE sent_at IS NULL AND given_up_at IS NULL"
    return int(stack.ask(count)[0][0])


@pytest.mark.parametrize(
    "point",
    ["before marking", pytest.param("before sending", marks=pytest.mark.faults)],
)
def test_a_notice_of_a_worker_that_was_killed_arrives_with_the_same_key(stack, receiver, mail, point):
    fire(stack, ("hook", "webhook", receiver.url), ("post", "email", "ann@example.com"))
    reached = stack.directory / "reached"
    stack.environment |= {"FAULT_AT": point, "FAULT_REACHED": str(reached)}
    dying = stack.worker("tests.faults.dying_sender")
    stack.beat()
    eventually(lambda: reached.exists() and stack.ask(CLAIMED)[0][0] == 2, seconds=40, what=stack.logs)
    sent: list[str] = []
    if point == "before marking":
        sent = [receiver.next(40).headers["Idempotency-Key"], mail.next(40)["Message-ID"]]
    dying.kill()
    dying.wait()
    assert waiting(stack) == 2
    stack.shell(LET_CLAIMS_END)
    stack.worker()
    keys = [receiver.next(40).headers["Idempotency-Key"], mail.next(40)["Message-ID"]]
    eventually(lambda: waiting(stack) == 0, seconds=20)
    assert sent in ([], keys)
    assert mail.mails[-1]["Message-ID"].endswith("@avatars.example>")
    assert len(receiver.received) == len(mail.mails) == 1 + bool(sent)


CLAIMED = "SELECT COUNT(*) FROM avatar_monitoring_notice WHERE claimed_until IS NOT NULL"


@pytest.mark.faults
def test_two_workers_send_each_notice_once(stack, receiver):
    fire(stack, ("first", "webhook", receiver.url), ("second", "webhook", receiver.url), alerts=20)
    for _ in range(2):
        stack.worker()
        stack.beat()
    eventually(lambda: waiting(stack) == 0, seconds=60, what=stack.logs)
    keys = [request.headers["Idempotency-Key"] for request in receiver.received]
    assert len(keys) == len(set(keys)) == 40


@pytest.mark.faults
def test_receivers_that_hang_fail_or_refuse_delay_no_other(stack, receiver, mail):
    with http_receiver() as hangs, http_receiver() as fails, http_receiver() as busy, http_receiver() as refuses:
        hangs.hangs = True
        fails.answers, busy.answers = [(500, {})], [(429, {"Retry-After": "3600"})]
        refuses.answers = [(403, {})]
        broken = {"hangs": hangs, "fails": fails, "busy": busy, "refuses": refuses}
        channels = [(name, "webhook", one.url) for name, one in broken.items()]
        fire(stack, *channels, ("works", "webhook", receiver.url), ("post", "email", "ann@example.com"))
        stack.worker()
        stack.beat()
        assert receiver.next(40).json["rule"] == "rule_0"
        mail.next(40)
        assert receiver.next(40).json["rule"] == "alert_channel_failed"
        for one in broken.values():
            one.next(40)
        tried = "SELECT c.name, n.attempts FROM avatar_monitoring_notice n JOIN avatar_monitoring_alertchannel c "
        where = "ON n.channel_id = c.id WHERE n.sent_at IS NULL AND c.name = 'busy' AND n.\"group\" = 'rule_0'"
        assert stack.ask(tried + where) == [("busy", 1)]
