"""The admin's lists and forms in Korean: nothing of ours on them is left in English."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.forms import BaseForm
from django.utils import timezone, translation

from monitoring.admin.kiosk_admin import KioskTokenForm
from monitoring.admin.rule_form import AlertRuleForm
from monitoring.admin.silence_form import SilenceForm
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
    "lobby", "admin", "daphne",
    "monitoring", "boot", "id", "latency", "memory", "avatar", "Avatar", "Monitoring", "English",
}  # fmt: skip


@pytest.fixture
def records() -> None:
    now = timezone.now()
    batches.minute((now - timedelta(minutes=3)).timestamp() // 60 * 60, messages=60, cpu_percent=90.0)
    own = {"host": "web", "node": "web:1", "boot": "b", "started_at": now - timedelta(minutes=9), "scope": "host"}
    values = {"value": 95.0, "threshold": 80.0, "peak": 97.0, "message": "High CPU usage: 95.0%"}
    for number, (severity, ended) in enumerate((("critical", ""), ("warning", "by hand"), ("info", "node gone"))):
        Alert.objects.create(
            rule="cpu_percent", metric="cpu_percent", subject=f"web-{number}", severity=severity, ended=ended,
            ended_at=now if ended else None, **own, **values,
        )  # fmt: skip
    AlertRule.objects.create(name="cpu_percent", metric="cpu_percent", scope="host", threshold=90)
    channel = AlertChannel.objects.create(name="kim", kind="webhook")
    for kind in ("firing", "resolved", "repeated", "escalated", "test"):
        Notice.objects.create(channel=channel, kind=kind, content={"title": "–"})
    Silence.objects.create(matchers={"host": "web"}, reason="–", by="kim", ends_at=now + timedelta(hours=1))
    Marker.objects.create(at=now, text="release")
    Marker.objects.create(at=now, kind="clock", text="web: clock set back by 2 h")
    Marker.objects.create(at=now, kind="version", text="server daphne 4.1 → daphne 4.2, code 1 → 2, and 3 more")
    create("lobby", "kim")
    Disconnection.objects.create(by="kim", client_id="ann", outcome="not connected")
    for cause in ("client_closed", ""):
        ClientSession.objects.create(
            node="web:1", boot="b", session_id=cause, client_id="ann", path="/", remote="", cause=cause,
            connected_at=now - timedelta(days=2, minutes=5), disconnected_at=now if cause else None,
        )  # fmt: skip


def left_in_english(page: str) -> list[str]:
    """Without the names of rules and metrics."""
    return [text for text in english(page) if set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\w+_\w+", "", text))) - KNOWN]


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


@pytest.mark.parametrize("name", ["alert", "clientsession", "marker", "minute", "notice", "disconnection"])
def test_the_page_of_a_row_in_korean_has_no_english_word(records, admin_client, name):
    listed = admin_client.get(f"{ADMIN}{name}/").content.decode()
    rows = set(re.findall(rf"{ADMIN}{name}/\d+/change/", listed))
    assert rows
    for address in rows:
        page = admin_client.get(address, headers={"accept-language": "ko"}).content.decode()
        assert 'lang="ko"' in page
        assert [text for text in left_in_english(page) if text.isascii() and " " in text.strip()] == []


def test_the_filter_by_metric_names_metrics_as_the_pages_do(records, admin_client):
    for language, latency in (("en", ">Latency</a>"), ("ko", ">지연 시간</a>")):
        page = admin_client.get(f"{ADMIN}alert/", headers={"accept-language": language}).content.decode()
        assert latency in page


@pytest.mark.parametrize(
    "given",
    [
        {"name": "1x"}, {"scope": "client"}, {"threshold": "80", "exit_threshold": "90"}, {"for_seconds": "-1"},
        {"for_seconds": "1e9"}, {"text": "{other}"}, {"each_threshold": "5"}, {"name": "latency_ms"},
        {"name": "coverage_percent"}, {"metric": "fps", "each_threshold": "-5"}, {"text": "x" * 300},
        {"metric": "fps", "each_threshold": "5", "threshold": "100"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_with_a_rule_is_told_in_korean(given):
    row = {
        "name": "busy", "metric": "cpu_percent", "scope": "host", "comparison": "above", "threshold": "80",
        "severity": "warning", "for_seconds": "0", "keep_firing_seconds": "5", "no_data": "resolve",
        "no_data_seconds": "60",
    }  # fmt: skip
    told = faults_in_korean(AlertRuleForm(row | given))
    assert told
    assert [text for text in told if not re.search("[가-힣]", text)] == []


@pytest.mark.parametrize("name", ["  \t ", "x\ud800"])
def test_what_is_wrong_with_the_name_of_a_screen_is_told_in_korean(name):
    told = faults_in_korean(KioskTokenForm({"name": name, "days": "3"}))
    assert told
    assert [text for text in told if not re.search("[가-힣]", text)] == []


@pytest.mark.parametrize("given", [{"reason": ""}, {"ends_at_0": "2020-01-01"}, {"ends_at_0": "2999-01-01"}], ids=str)
def test_what_is_wrong_with_a_silence_is_told_in_korean(given):
    now = timezone.now()
    row = {
        "rule": "busy", "reason": "x", "repeats": "", "starts_at_0": f"{now:%Y-%m-%d}", "starts_at_1": "00:00",
        "ends_at_0": f"{now + timedelta(days=2):%Y-%m-%d}", "ends_at_1": "00:00",
    }  # fmt: skip
    told = faults_in_korean(SilenceForm(row | given))
    assert told
    assert [text for text in told if not re.search("[가-힣]", text)] == []


def faults_in_korean(form: BaseForm) -> list[str]:
    with translation.override("ko"):
        return [str(text) for texts in form.errors.values() for text in texts]


def test_a_question_that_a_list_cannot_answer_is_refused_in_korean(admin_client):
    for query in ("id=x", "at__year=2026&at__month=2&at__day=30", "unknown=1", f"text={'x' * 300}"):
        page = admin_client.get(f"{ADMIN}marker/?{query}", headers={"accept-language": "ko"})
        assert page.status_code == 400
        assert "must" not in page.content.decode()
