"""Notices are in the project's language, whoever causes them; what programs read in them is English."""

import json
from datetime import UTC, datetime

import pytest
from django.utils import translation

from monitoring.alerting import channel_failures
from monitoring.alerting.channels.answer import Address, Message
from monitoring.alerting.channels.email import mail_of
from monitoring.alerting.channels.webhook import body_of
from monitoring.alerting.notice_texts import content_of, content_of_test
from monitoring.alerting.rules import built_in_rules
from monitoring.core.alert_rules import AlertScope, Rule
from tests.monitoring.alerting.rows import NOW, channel, end, firing_alert

pytestmark = pytest.mark.django_db
CPU, STALE = (built_in_rules()[name] for name in ("cpu_percent", "stale_client_seconds"))


def rule_about(metric: str) -> Rule:
    return Rule(metric=metric, threshold=0, exit_threshold=0, severity="warning", message="", scope=AlertScope.FLEET)


def notice(content) -> Message:
    return Message(key="k", kind="firing", channel="operators", site="s", created_at=NOW, content=content)


@pytest.mark.parametrize("reader", ["en", "ko", "de"])
def test_a_notice_is_in_the_projects_language_whoever_causes_it(settings, reader):
    settings.LANGUAGE_CODE = "ko"
    with translation.override(reader):
        content = content_of("firing", CPU, firing=[firing_alert()], over=[], base_url="https://example.com")
        assert translation.get_language() == reader
    assert content["title"] == "경고: CPU 80% 초과, web-1"
    assert content["text"].startswith("web-1: 95%, 최고 97%, 임계값 80%")
    assert content["alerts"][0]["message"] == "High CPU usage: 95.0%"


def test_a_reader_in_korean_does_not_change_the_language_of_an_english_project():
    with translation.override("ko"):
        content = content_of("firing", CPU, firing=[firing_alert()], over=[])
        test = content_of_test("operators", NOW, "")
    assert content["title"] == "Warning: CPU above 80 %, web-1"
    assert test["title"] == "Test of the alert channel operators"


def test_a_mail_has_a_korean_subject_and_body(settings):
    settings.LANGUAGE_CODE = "ko"
    alert = firing_alert()
    end(alert, NOW.replace(minute=5), "by hand")
    mail = mail_of(Address("ann@example.com"), notice(content_of("resolved", CPU, firing=[], over=[alert])))
    sent = mail.message()
    assert "해소" in str(mail.subject)
    assert "수동" in mail.body or "직접" in mail.body
    assert sent.get_content_charset() == "utf-8"


def test_a_webhook_has_the_same_keys_in_every_language(settings):
    bodies = []
    for language in ("en", "ko"):
        settings.LANGUAGE_CODE = language
        content = content_of("firing", CPU, firing=[firing_alert(f"web-{language}")], over=[])
        bodies.append(json.loads(body_of(notice(content))))
    english, korean = bodies
    assert (set(english), set(english["alerts"][0])) == (set(korean), set(korean["alerts"][0]))
    same = ("rule", "severity", "firing", "resolved", "kind")
    assert [english[name] for name in same] == [korean[name] for name in same]
    assert english["alerts"][0]["message"] == korean["alerts"][0]["message"]


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (CPU, {"reason": "no data"}),
        (CPU, {"flapping": True, "acknowledged_at": NOW, "acknowledged_by": "kim"}),
        (STALE, {"rule": STALE.key, "grouped": True, "examples": ["ada"]}),
        (rule_about("fps"), {"rule": "fps"}),
        (rule_about("node_gone"), {"rule": "node_gone"}),
    ],
    ids=["no data", "acknowledged", "many clients", "own rule", "node gone"],
)  # fmt: skip
def test_no_kind_of_line_is_left_in_english(settings, rule, fields):
    settings.LANGUAGE_CODE = "ko"
    content = content_of("repeated", rule, firing=[firing_alert("7", **fields)], over=[])
    said = f"{content['title']} {content['text']}"
    for known in ("CPU", "UTC", "kim", "ada", "FPS", "fps"):
        said = said.replace(known, "")
    assert not [word for word in said.split() if word.isascii() and word.isalpha()]


def test_a_channel_that_fails_is_told_in_korean_with_what_its_receiver_answered(settings):
    settings.LANGUAGE_CODE = "ko"
    channel_failures.begin(channel("mail"), "550 no such user", NOW)
    (alert,) = channel_failures.Alert.objects.of_rule(channel_failures.RULE)
    content = content_of("firing", rule_about(channel_failures.RULE), firing=[alert], over=[])
    assert "550 no such user" in content["text"]
    assert "does not work" not in content["text"]
    assert alert.message == "Alert channel mail does not work: 550 no such user"
    assert datetime.fromisoformat(content["alerts"][0]["since"]).tzinfo == UTC
