"""The pages in Korean and English: what decides, and that nothing on them is left in the other one."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone, translation

from dashboard.alert_texts import label_of
from dashboard.languages import gettext, languages, page_language
from monitoring.alert_words import LABELS
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.history import series
from monitoring.models import AlertEntry, ClientSession, Marker, Node, Silence
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
KEYS = "Space Shift Esc Enter Ctrl HTTPS OpenAPI Prometheus"
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
    for number, age in enumerate((200, 200, 400)):
        at = now - timedelta(seconds=age)
        Node.objects.create(node=f"vm:{number}", boot=f"b{number}", host="vm", first_seen=at, last_seen=at)
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


def test_the_pages_are_in_a_language_that_the_browser_asks_for(viewer):
    korean = viewer.get("/clients/", headers=KOREAN)
    assert (korean["Content-Language"], "클라이언트" in korean.content.decode()) == ("ko", True)
    german = viewer.get("/clients/", headers={"accept-language": "de"})
    assert (german["Content-Language"], '<html lang="en"' in german.content.decode()) == ("en", True)


def test_a_language_that_was_chosen_stays_in_a_cookie(viewer):
    answer = viewer.post("/language/", {"language": "ko", "next": "/alerts/?severity=warning"})
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/?severity=warning")
    assert viewer.get("/clients/", headers={"accept-language": "en"})["Content-Language"] == "ko"


def test_the_choice_of_a_language_goes_back_to_where_the_page_is_by_now(viewer):
    now = "http://testserver/?at=2026-01-02T03:12:00Z&window=60"
    assert viewer.post("/language/", {"language": "ko", "next": "/"}, headers={"referer": now})["Location"] == now
    elsewhere = viewer.post("/language/", {"language": "ko", "next": "/"}, headers={"referer": "http://elsewhere/"})
    assert elsewhere["Location"] == "/"


@pytest.mark.parametrize("path", ["/", "/avatar/", "/login/", "/admin/"])
def test_a_page_of_the_site_offers_the_languages_under_their_own_names(admin_client, path):
    if path == "/login/":
        admin_client.logout()
    page = admin_client.get(path, headers=KOREAN).content.decode()
    (form,) = re.findall(r'<form class="choice-list.*?</form>', page, re.S)
    assert re.findall(r'value="(\w+)" lang="(\w+)"[^>]*>([^<]+)<', form) == [
        ("en", "en", "English"),
        ("ko", "ko", "한국어"),
    ]
    assert re.findall(r'value="(\w+)" lang="\w+" aria-current="true"', form) == ["ko"]


LOCALE = "django.middleware.locale.LocaleMiddleware"


def test_pages_in_a_project_follow_its_active_language_and_offer_no_other(host, viewer):
    host.ROOT_URLCONF, host.MIDDLEWARE = f"{HOSTS}.translated", [*host.MIDDLEWARE, LOCALE]
    host.LANGUAGES = [("de", "Deutsch"), ("ko", "한국어")]
    host.LANGUAGE_CODE = "de"
    korean, german = (viewer.get(f"/{code}/monitoring/alerts/").content.decode() for code in ("ko", "de"))
    assert "발생 중인 경보가 없습니다" in korean or "저장된 경보가 없습니다" in korean
    assert ('<html lang="ko"' in korean, '<html lang="en"' in german, ">Alerts</h1>" in german) == (True, True, True)
    assert ('href="/ko/monitoring/clients/"' in korean, 'href="/de/monitoring/clients/"' in german) == (True, True)
    assert "choice-list" not in korean + german


def test_pages_without_ours_among_a_projects_languages_say_nothing_in_its_language(records, host, viewer):
    """Django has German texts for some of the words that pages use."""
    host.ROOT_URLCONF, host.MIDDLEWARE = f"{HOSTS}.translated", [*host.MIDDLEWARE, LOCALE]
    host.LANGUAGE_CODE = "de"
    for path in ("sessions/", "alerts/", "alerts/7/", "alerts/rules/cpu_percent/", "trends/?range=7d"):
        response = viewer.get(f"/de/monitoring/{path}")
        page = response.content.decode()
        assert ("Suche" in page, "Sitzung" in page, "Benutzer" in page) == (False, False, False)
        assert (response["Content-Language"], translation.get_language()) == ("en", "de")


def test_the_scripts_texts_say_their_own_language_whatever_the_project_s_is(host, client):
    host.ROOT_URLCONF, host.MIDDLEWARE = f"{HOSTS}.translated", [*host.MIDDLEWARE, LOCALE]
    host.LANGUAGE_CODE = "de"
    assert client.get("/de/monitoring/texts/ko.js")["Content-Language"] == "ko"


def test_a_project_without_translation_has_english_pages(host, viewer):
    host.USE_I18N, host.LANGUAGE_CODE = False, "ko"
    response = viewer.get("/monitoring/alerts/", headers=KOREAN)
    assert (response.status_code, response["Content-Language"]) == (200, "en")
    assert '<html lang="en"' in response.content.decode()


def test_errors_of_the_api_and_what_programs_read_stay_english(records):
    client = operator_client(headers=KOREAN)
    alerts = client.get("/api/alerts").json()
    assert {one["message"] for one in alerts["alerts"]} == {"High CPU usage: 91.0%"}
    assert client.get("/api/alerts?severity=x").json()["message"].startswith("severity=x: must be")
    assert client.get("/alerts/export/?format=csv").getvalue().decode().splitlines()[0].isascii()


def test_every_metric_has_a_korean_name():
    known = {metric.label for metric in (*series.METRICS.values(), *ALERT_METRICS_BY_NAME.values())} - {"CPU"}
    with translation.override("ko"):
        assert [label for label in known if gettext(label) == label] == []
        assert [name for name in {*LABELS} - {"cpu_percent"} if label_of(name).isascii()] == []


def test_a_language_is_a_folder_of_texts():
    assert languages() == ("en", "ko")
    with translation.override("ko-KR"):
        assert page_language() == "ko"
    with translation.override("fr"):
        assert page_language() == "en"


@pytest.mark.parametrize(
    ("active", "page"), [("pt-br", "pt-br"), ("pt-BR", "pt-br"), ("pt", "en"), ("ko-kr", "ko"), ("zh-hans", "zh-hans")]
)
def test_a_folder_may_be_of_a_variant_of_a_language(tmp_path, monkeypatch, active, page):
    for folder in ("ko", "pt_BR", "zh_Hans"):
        (tmp_path / folder / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / folder / "LC_MESSAGES" / "djangojs.mo").touch()
    (tmp_path / "fr" / "LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr("dashboard.languages.LOCALE", tmp_path)
    monkeypatch.setattr("dashboard.languages.languages", languages.__wrapped__)
    with translation.override(active):
        assert page_language() == page


def test_an_error_of_the_page_itself_is_in_its_language(viewer, stranger):
    assert "400" in viewer.get("/trends/?range=x", headers=KOREAN).content.decode()
    assert "권한이 없습니다" in stranger.get("/", headers=KOREAN).content.decode()
