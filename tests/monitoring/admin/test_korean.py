"""The admin's lists and forms in Korean: nothing of ours on them is left in English."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from monitoring.kiosk_screens import create
from monitoring.models import Alert, AlertChannel, AlertRule, ClientSession, Disconnection, Marker, Notice, Silence
from monitoring.models.column_names import COLUMNS, column_name
from monitoring.row_words import WORDS, word
from tests.dashboard.test_languages import english
from tests.monitoring import batches

pytestmark = pytest.mark.django_db
ADMIN = "/admin/avatar_monitoring/"
LISTS = (
    "alert", "alertchannel", "alertrule", "clientsession", "day", "disconnection", "hour", "kiosktoken", "marker",
    "minute", "notice", "silence",
)  # fmt: skip
KNOWN = {
    # Names, units and words of programs; Django has no Korean text for Search
    "Search",
    "CPU", "FPS", "JSON", "lines", "UTC", "REDIS", "URL", "p50", "p95", "p99", "ms", "MB", "KB", "webhook", "email",
    "apprise", "alertmanager", "cpu", "percent", "host", "node", "web", "ann", "ada", "kim", "release",
    "lobby", "admin",
    "monitoring", "boot", "id", "latency", "memory", "avatar", "Avatar", "Monitoring", "English",
}  # fmt: skip


@pytest.fixture
def records() -> None:
    now = timezone.now()
    batches.minute((now - timedelta(minutes=3)).timestamp() // 60 * 60, messages=60, cpu_percent=90.0)
    own = {"host": "web", "node": "web:1", "boot": "b", "started_at": now - timedelta(minutes=9), "scope": "host"}
    values = {"value": 95.0, "threshold": 80.0, "peak": 97.0, "message": "CPU"}
    for severity, ended in (("critical", ""), ("warning", "by hand"), ("info", "node gone")):
        Alert.objects.create(
            rule="cpu_percent", metric="cpu_percent", subject=f"web-{severity}", severity=severity, ended=ended,
            ended_at=now if ended else None, **own, **values,
        )  # fmt: skip
    AlertRule.objects.create(name="cpu_percent", metric="cpu_percent", scope="host", threshold=90)
    channel = AlertChannel.objects.create(name="kim", kind="webhook")
    for kind in ("firing", "resolved", "repeated", "escalated", "test"):
        Notice.objects.create(channel=channel, kind=kind, content={"title": "–"})
    Silence.objects.create(matchers={"host": "web"}, reason="–", by="kim", ends_at=now + timedelta(hours=1))
    Marker.objects.create(at=now, text="release")
    create("lobby", "kim")
    Disconnection.objects.create(by="kim", client_id="ann", outcome="not connected")
    for cause in ("client_closed", ""):
        ClientSession.objects.create(
            node="web:1", boot="b", session_id=cause, client_id="ann", path="/", remote="", cause=cause,
            connected_at=now - timedelta(days=2, minutes=5), disconnected_at=now if cause else None,
        )  # fmt: skip


def left_in_english(page: str) -> list[str]:
    """Without the names of rules and metrics, and without what a row calls itself in the label of its box."""
    texts = [text for text in english(page) if not text.startswith("작업에 대한 객체를 선택합니다.")]
    return [text for text in texts if set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\w+_\w+", "", text))) - KNOWN]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_in_korean_has_no_english_word(records, admin_client, name):
    page = admin_client.get(f"{ADMIN}{name}/", headers={"accept-language": "ko"}).content.decode()
    assert 'lang="ko"' in page
    found = left_in_english(page)
    assert not found, " | ".join(found)


@pytest.mark.parametrize("name", ["alertchannel", "alertrule", "marker", "silence"])
def test_a_form_in_korean_has_no_english_word(records, admin_client, name):
    page = admin_client.get(f"{ADMIN}{name}/add/", headers={"accept-language": "ko"}).content.decode()
    assert 'lang="ko"' in page
    texts = [text for text in left_in_english(page) if "(" not in text and ":" not in text]
    assert [text for text in texts if text.isascii() and " " in text.strip()] == []


def test_every_word_of_a_row_and_every_column_has_a_korean_one():
    with translation.override("ko"):
        assert [one for one in WORDS if word(one) == one] == []
        assert [name for name in COLUMNS if str(column_name(name)).isascii()] == []


def test_the_names_of_columns_are_in_no_migration():
    with translation.override("ko"):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_files_name_is_the_same_in_every_language(records, admin_client):
    for language in ("en", "ko"):
        answer = admin_client.get(f"{ADMIN}alert/export/csv/", headers={"accept-language": language})
        assert "alerts" in answer["Content-Disposition"]
