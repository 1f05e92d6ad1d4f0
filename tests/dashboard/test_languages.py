"""The pages in Korean and English: what decides, and that nothing on them is left in the other one."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from monitoring.models import AlertEntry, ClientSession, Marker, Silence
from tests.dashboard.alerts import operator_client, stored_alert
from tests.monitoring import batches

HOSTS = "tests.dashboard.hosts"
KOREAN = {"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"}
VOID = {"meta", "link", "input", "br", "use", "path", "rect", "circle", "option"}
UNTRANSLATED = {"script", "style", "code", "kbd", "bdi", "pre"}
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label")
ENGLISH_WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = "Avatar Monitoring English API CPU FPS GPU UTC CSV JSON ID NTP Redis WebSocket JavaScript Django Celery chrony"
UNITS = "ms min KB MB fps"
KEYS = "Space Shift Esc Enter"
RECORDS = "kim vm ann nobody lobby release nothing"
SAME_IN_KOREAN = frozenset(f"{NAMES} {UNITS} {KEYS} {RECORDS}".split())
"""And what the records of these tests are called."""


class Texts(HTMLParser):
    """What a page says to a person, without what is code or somebody's words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.found += [value for name in SPOKEN if (value := given.get(name))]
        classes = set((given.get("class") or "").split())
        is_code = tag in UNTRANSLATED or bool(classes & {"mono", "hud__line"}) or given.get("lang") == "en"
        if tag not in VOID:
            self.open.append((tag, is_code))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(is_code for _, is_code in self.open):
            self.found.append(data.strip())


def english(page: str) -> list[str]:
    """The texts with an English word in them."""
    return [text for text in Texts(page).found if set(ENGLISH_WORD.findall(text)) - SAME_IN_KOREAN]


@pytest.fixture
def records(db) -> None:
    now = timezone.now()
    for age in (3, 5, 8):
        batches.minute(
            (now - timedelta(minutes=age)).timestamp() // 60 * 60, node="vm:1", host="vm", messages=60, cpu_percent=90.0
        )
    fires = stored_alert(pk=7, ago=6, lasted=None)
    stored_alert(pk=8, severity="critical", rule="latency_ms", metric="latency_ms", ended="node gone", flapping=True)
    stored_alert(pk=9, metric="node_gone", reason="no data", client_id="ann")
    for kind in ("acknowledged", "commented", "silenced", "worse", "expired", "unacknowledged", "resolved"):
        until = now + timedelta(hours=1) if kind == "acknowledged" else None
        AlertEntry.objects.create(alert=fires, at=now, kind=kind, by="kim", until=until)
    Silence.objects.create(
        matchers={"rule": "cpu_percent"}, by="kim", reason="", starts_at=now, ends_at=now + timedelta(hours=1)
    )
    Marker.objects.create(at=now - timedelta(minutes=4), text="release 1.0")
    for cause in ("client_closed", "server_killed", ""):
        ClientSession.objects.create(
            node="vm:1", boot="b", session_id=cause or "open", client_id="ann", path="/ws/", remote="", ended="",
            cause=cause, room="lobby", connected_at=now - timedelta(minutes=5), disconnected_at=now if cause else None,
        )  # fmt: skip


PAGES = [
    "/", "/clients/", "/clients/ann/", "/clients/nobody/", "/sessions/", "/sessions/?open=yes", "/sessions/?text=none",
    "/alerts/", "/alerts/?text=none", "/alerts/7/", "/alerts/8/", "/alerts/9/", "/alerts/999/", "/alerts/silences/",
    "/alerts/rules/", "/alerts/rules/cpu_percent/", "/alerts/rules/cpu_percent/?enter=95&for=30",
    "/alerts/rules/stale_client_seconds/", "/alerts/rules/nothing/", "/trends/", "/trends/?range=7d&compare=week",
    "/trends/?from=2020-01-01&to=2020-01-02", "/avatar/", "/nothing/",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_korean_has_no_english_word(records, path):
    page = operator_client(headers=KOREAN).get(path).content.decode()
    assert '<html lang="ko"' in page
    assert english(page) == []
