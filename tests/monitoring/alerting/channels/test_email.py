import pytest

from monitoring.alerting.channels import email
from monitoring.alerting.channels.answer import Address
from tests.monitoring.alerting.channels.messages import KEY, message
from tests.site import free_port


def test_a_mail_has_the_notices_key_and_text(mail):
    answer = email.send(Address("ann@example.com, bob@example.com"), message())
    assert (answer.is_sent, answer.text) == (True, "accepted for 2 recipients")
    received = mail.next()
    assert received["Message-ID"] == f"<{KEY}@avatars.example>"
    assert received["Subject"].endswith("Warning: CPU above 80 %, web-1")
    assert received["To"] == "ann@example.com, bob@example.com"
    assert "https://avatars.example/alerts/7/" in received.get_payload()


@pytest.mark.parametrize(("refusal", "is_permanent"), [("550 no such user", True), ("450 the mailbox is busy", False)])
def test_a_refusal_is_permanent_if_the_mail_server_says_so(mail, refusal, is_permanent):
    mail.refusal = refusal
    answer = email.send(Address("ann@example.com"), message())
    assert (answer.is_sent, answer.is_permanent) == (False, is_permanent)
    assert refusal in answer.text


def test_a_mail_server_that_is_away_may_come_back(mail, settings):
    settings.EMAIL_PORT = free_port()
    answer = email.send(Address("ann@example.com"), message())
    assert (answer.is_permanent, answer.text) == (False, "the mail server cannot be reached: Connection refused")


def test_a_title_is_one_line(mail):
    assert email.send(Address("ann@example.com"), message(title="two\nlines")).is_sent
    assert mail.next()["Subject"].endswith("two lines")


def test_any_backend_of_the_project_is_used(settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert email.send(Address("ann@example.com"), message()).is_sent
    assert len(mailoutbox) == 1
