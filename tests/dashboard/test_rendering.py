"""The pages in other projects: whatever those set, the pages are the same, and change nothing there."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles.storage import HashedFilesMixin, StaticFilesStorage
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.test import AsyncRequestFactory, Client
from django.urls import NoReverseMatch, get_resolver, reverse, set_script_prefix
from django.utils import timezone

from dashboard import views
from monitoring.models import Alert, ClientSession, Silence
from monitoring.servers.viewers_socket import PASSED_KEY
from tests.dashboard.test_views import InlineCode, body, config_of, minute

HOSTS = "tests.dashboard.hosts"
PAGES = ["", "clients/", "clients/ann/", "alerts/", "trends/", "api/docs"]
ROOT = Path(__file__).resolve().parent.parent.parent
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def records(db) -> Alert:
    minute(timedelta(minutes=5))
    ClientSession.objects.create(
        node="vm:1", boot="b", session_id="1", client_id="ann", path="/ws/", remote="", ended="left", messages=1234567,
        connected_at=NOON, disconnected_at=NOON + timedelta(minutes=90), bytes_sent=1_500_000, bytes_received=5,
        latency_average_ms=1234.5, latency_p95_ms=2345.6, fps_average=59.9,
    )  # fmt: skip
    return Alert.objects.create(
        pk=1_234_567, metric="cpu_percent", subject="vm", severity="warning", message="High", value=91.0, peak=1295.5,
        threshold=1200.5, host="vm", node="vm:1", boot="b", started_at=NOON, ended_at=NOON + timedelta(minutes=5),
    )  # fmt: skip


def page(client: Client, path: str = "", **more) -> str:
    response = client.get(f"/monitoring/{path}", headers={"accept": "text/html"}, **more)
    assert response.status_code == 200, body(response)[-2_000:]
    return body(response)


def every_page(client: Client) -> dict[str, str]:
    """Without the time and the form's token, which differ at every request."""
    pages = {
        path: page(client, path)
        for path in [*PAGES[:-2], "trends/?from=2026-01-02T10:00&to=2026-01-02T13:00", PAGES[-1]]
    }
    return {path: re.sub(r'data-now="\d+"|value="\w{64}"', "", text) for path, text in pages.items()}


def test_the_package_has_no_template_outside_its_own_folders():
    for app in ("dashboard", "monitoring"):
        folders = {path.relative_to(ROOT / app / "templates") for path in (ROOT / app / "templates").rglob("*.html")}
        assert {path.parts[0] for path in folders} <= {"avatar_monitoring", "admin"}
        assert {path.parts[1] for path in folders if path.parts[0] == "admin"} <= {"avatar_monitoring"}


def test_the_package_gives_no_name_to_an_address_outside_its_namespace(settings):
    settings.ROOT_URLCONF = f"{HOSTS}.plain"
    assert {name for name in get_resolver().reverse_dict if isinstance(name, str)} == {"metrics", "avatar"}
    assert (reverse("metrics"), reverse("avatar_monitoring:metrics")) == ("/", "/monitoring/metrics")


def test_a_projects_own_page_called_avatar_is_no_entry_of_the_menu(host, viewer):
    assert "/me/" not in page(viewer)


@pytest.mark.parametrize("path", PAGES)
def test_the_menu_has_links_below_the_prefix_only(host, viewer, records, path):
    links = re.findall(r'(?:href|action|src)="(/[^"]*)"', page(viewer, path))
    assert {link for link in links if not link.startswith(("/monitoring/", "/static/"))} == set()


@pytest.mark.parametrize(
    "templates",
    [
        pytest.param([{"OPTIONS": {"string_if_invalid": "INVALID %s"}}], id="string_if_invalid"),
        pytest.param([{"OPTIONS": {"autoescape": False}}], id="no escaping"),
        pytest.param(
            [{"OPTIONS": {"context_processors": [f"{__name__}.everything"]}}], id="a processor with the same names"
        ),
        pytest.param([{"OPTIONS": {"builtins": ["django.templatetags.i18n"]}}], id="built-in tags"),
        pytest.param([{"APP_DIRS": False}], id="no templates of apps"),
        pytest.param([], id="no templates at all"),
    ],
)
def test_pages_are_the_same_whatever_the_projects_templates_are(host, viewer, records, templates):
    usual = every_page(viewer)
    django = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    host.TEMPLATES = [django | more for more in templates]
    assert every_page(viewer) == usual


def everything(_request) -> dict:
    """What projects' context processors are known to set."""
    names = ("config", "user", "perms", "nav", "avatar_url", "login_url", "title", "reason", "alerts", "messages")
    return dict.fromkeys(names, "LEAK")


def test_another_engine_may_come_first(host, viewer, records):
    usual = every_page(viewer)
    host.TEMPLATES = [
        {"BACKEND": "tests.dashboard.test_rendering.OtherEngine", "APP_DIRS": True, "DIRS": []},
        *host.TEMPLATES,
    ]
    assert every_page(viewer) == usual


class OtherEngine:
    """An engine that, like Jinja, finds templates and cannot read Django's."""

    def __init__(self, params):
        self.name = params["NAME"]

    def get_template(self, name):
        raise AssertionError(f"{name} must not be asked for here")


def test_a_project_may_have_its_own_template(host, viewer, tmp_path):
    (tmp_path / "avatar_monitoring").mkdir()
    (tmp_path / "avatar_monitoring" / "_project_pages.html").write_text('<a href="/rooms/">Rooms</a>')
    host.TEMPLATES = [{**host.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert '<a href="/rooms/">Rooms</a>' in page(viewer)


@pytest.mark.parametrize("language", ["de", "ar", "fr-ch"])
def test_numbers_are_written_the_same_way_in_every_language(host, viewer, records, language):
    usual = every_page(viewer)
    host.LANGUAGE_CODE = language
    host.USE_THOUSAND_SEPARATOR = True
    assert every_page(viewer) == usual
    assert 'id="trends-of-1234567"' in usual["alerts/"]
    assert {"1,234,567", "1,234.5 ms", "1.4 MB", "1 h 30 min"} <= set(re.findall(r">([^<>]+)<", usual["clients/ann/"]))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns"])
def test_what_says_utc_is_utc(host, viewer, records, zone):
    host.TIME_ZONE = zone
    assert "2026-01-02 12:00:00 UTC" in page(viewer, "alerts/")
    assert 'datetime="2026-01-02T12:00:00+00:00"' in page(viewer, "clients/ann/")
    custom = page(viewer, "trends/?from=2026-01-02T10:00&to=2026-01-02T11:00")
    assert 'value="2026-01-02T10:00"' in custom
    assert ">2026-01-02 10:00</time>" in custom


def test_without_time_zones_the_live_page_works_and_history_says_what_it_needs(host, viewer):
    host.USE_TZ, host.REDIS_URL = False, "redis://localhost/0"
    assert "USE_TZ = True" in page(viewer)
    for path in ("alerts/", "trends/", "clients/ann/", "alerts/export/"):
        response = viewer.get(f"/monitoring/{path}")
        assert response.status_code == 503
        assert "USE_TZ = True" in body(response)
    assert viewer.get("/monitoring/live/past/").json() == {"error": "History needs the setting USE_TZ = True"}


def test_addresses_keep_the_language_they_were_asked_in(host, viewer, records):
    host.ROOT_URLCONF = f"{HOSTS}.translated"
    host.MIDDLEWARE = [*host.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    host.LANGUAGES = [("de", "Deutsch"), ("fr", "Français")]
    host.LANGUAGE_CODE = "de"
    Silence.objects.create(reason="deploy", starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1))
    for language in ("de", "fr"):
        text = body(viewer.get(f"/{language}/monitoring/"))
        assert config_of(text)["ws_path"] == f"/{language}/monitoring/ws/metrics/"
        for path in (
            "",
            "clients/ann/",
            "sessions/",
            "alerts/",
            f"alerts/{records.pk}/",
            "alerts/rules/",
            "alerts/silences/",
            "trends/",
        ):
            links = re.findall(r'(?:href|action)="(/[^"]*)"', body(viewer.get(f"/{language}/monitoring/{path}")))
            assert {link.split("/")[1] for link in links} == {language, "static"}, path


@pytest.fixture
def below_a_prefix():
    """As a server sets it for `--root-path /app`, and Django for FORCE_SCRIPT_NAME."""
    set_script_prefix("/app/")
    yield
    set_script_prefix("/")


def test_addresses_have_the_prefix_that_a_proxy_adds(host, viewer, records, below_a_prefix):
    text = page(viewer, SCRIPT_NAME="/app")
    config = config_of(text)
    assert config["ws_path"] == "/app/monitoring/ws/metrics/"
    assert config["client_url"] == "/app/monitoring/clients/CLIENT-ID/"
    paths = {link for link in re.findall(r'(?:href|action|data-[a-z-]+url)="(/[^"]*)"', text) if "/static/" not in link}
    assert {path for path in paths if not path.startswith("/app/monitoring/")} == set()
    docs = page(viewer, "api/docs", SCRIPT_NAME="/app")
    assert "http://testserver/app/monitoring/api/current" in docs
    assert viewer.get("/monitoring/api/", SCRIPT_NAME="/app").url == "/app/monitoring/api/docs"


def test_static_files_may_be_on_another_host(host, viewer):
    host.STATIC_URL = "https://cdn.example.org/files/"
    text = page(viewer)
    assert 'src="https://cdn.example.org/files/avatar_monitoring/missing_script.js"' in text
    assert '"https://cdn.example.org/files/avatar_monitoring/lib/socket.js"' in text
    assert "/static/" not in text


def test_files_that_were_not_collected_are_named(host, viewer, tmp_path):
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    host.STATIC_ROOT = tmp_path
    host.STORAGES = {**host.STORAGES, "staticfiles": storage}
    for path in PAGES:
        response = viewer.get(f"/monitoring/{path}", headers={"accept": "text/html"})
        assert response.status_code == 503
        assert "python manage.py collectstatic" in body(response)
        assert "avatar_monitoring/icon.svg" in body(response)


def test_scripts_that_cannot_find_each_other_are_told_with_the_setting(host, viewer):
    host.WHITENOISE_KEEP_ONLY_HASHED_FILES = True
    assert viewer.get("/monitoring/").status_code == 200
    host.STORAGES = {**host.STORAGES, "staticfiles": {"BACKEND": f"{__name__}.Hashed"}}
    response = viewer.get("/monitoring/")
    assert response.status_code == 503
    assert "WHITENOISE_KEEP_ONLY_HASHED_FILES = True has removed" in body(response)


class Hashed(HashedFilesMixin, StaticFilesStorage):
    def url(self, name):
        return f"/static/{name}?hashed"


def test_without_scripts_the_page_says_what_to_run(host, viewer):
    text = page(viewer)
    notice = re.search(r'<p class="[^"]*" id="scripts-missing">(.*?)</p>', text)[1]
    assert "python manage.py collectstatic" in notice
    assert "/static/" in notice


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_nothing_that_a_strict_policy_forbids(host, viewer, records, path):
    parser = InlineCode()
    parser.feed(page(viewer, path))
    assert [found for found in parser.found if not found.startswith("http://testserver/")] == []


def test_no_page_is_kept_for_another_person(host, viewer):
    assert "private" in viewer.get("/monitoring/").headers["Cache-Control"]


def test_without_redis_pages_say_that_no_history_is_kept(host, viewer):
    for path in ("", "trends/", "alerts/", "clients/ann/"):
        assert "Live only: no history is kept" in page(viewer, path)
    assert config_of(page(viewer))["history"] is False
    assert re.search(r'id="timeline"[^>]* hidden', page(viewer))


def test_with_redis_they_do_not(host, viewer):
    host.REDIS_URL = "redis://localhost/0"
    assert "Live only" not in page(viewer) + page(viewer, "trends/")
    assert config_of(page(viewer))["history"] is True


@pytest.mark.parametrize("view", [views.live, views.clients])
def test_a_server_without_monitored_is_told_so_with_the_lines_to_add(host, admin_user, view):
    request = AsyncRequestFactory().get("/monitoring/")
    request.user, request.session = admin_user, {}
    text = body(view(request))
    assert "from monitoring import monitored\napplication = monitored(application)" in text
    request.scope[PASSED_KEY] = True
    assert "application = monitored(application)" not in body(view(request))


def test_under_a_wsgi_server_the_page_does_not_judge(host, viewer):
    assert "application = monitored(application)" not in page(viewer)


@pytest.fixture
def host_without_pages(host):
    """The package is among its apps, and its URLs are not included; it has the admin."""
    host.ROOT_URLCONF = f"{HOSTS}.without"
    host.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [],
            "OPTIONS": {
                "loaders": [("django.template.loaders.filesystem.Loader", [*_templates_but_the_sites()])],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ]
    return host


def test_a_project_that_includes_no_pages_has_no_errors(host_without_pages, admin_client):
    assert admin_client.get("/nothing-here/").status_code == 404
    for path in ("/admin/", "/admin/avatar_monitoring/", "/admin/avatar_monitoring/alert/"):
        response = admin_client.get(path)
        assert response.status_code == 200
        assert "/monitoring/" not in body(response)
    with pytest.raises(NoReverseMatch):
        reverse("avatar_monitoring:live")
    for name in ("404.html", "500.html", "403.html", "400.html", "registration/login.html"):
        with pytest.raises(TemplateDoesNotExist):
            get_template(name)


def test_the_admin_works_where_the_packages_files_were_not_collected(host_without_pages, records, admin_client):
    """As in a project that has collected its own files, before it had the package."""
    host_without_pages.STORAGES = {
        **host_without_pages.STORAGES,
        "staticfiles": {"BACKEND": f"{__name__}.OursAreMissing"},
    }
    for path in ("", "alert/?period=all", "minute/?period=all", f"alert/{records.pk}/change/"):
        response = admin_client.get(f"/admin/avatar_monitoring/{path}")
        assert response.status_code == 200
        assert "/static/avatar_monitoring" not in body(response)


class OursAreMissing:
    def url(self, name):
        if name.startswith("avatar_monitoring"):
            raise ValueError(f"Missing staticfiles manifest entry for {name!r}")
        return f"/static/{name}"


def _templates_but_the_sites() -> list[Path]:
    return [Path(app.path) / "templates" for app in apps.get_app_configs() if app.name != "avatar_site"]


def test_the_schema_of_the_pages_configuration_is_plain_json(host, viewer):
    host.LANGUAGE_CODE, host.USE_THOUSAND_SEPARATOR = "de", True
    host.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "1.5", "AVATAR_LATENCY_ALERT_THRESHOLD": "12345"}
    config = config_of(page(viewer))
    assert (config["interval"], config["thresholds"]["latency_ms"]) == (1.5, 12345.0)
    assert json.dumps(config)
