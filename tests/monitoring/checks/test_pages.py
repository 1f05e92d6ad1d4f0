import json

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.urls import include, path

from monitoring.checks import pages

urlpatterns: list = []
PAGES = path("ops/", include("dashboard.urls"))


@pytest.fixture
def host(settings):
    """A host whose URLconf holds only the pages."""
    settings.ROOT_URLCONF = __name__
    urlpatterns[:] = [PAGES]
    clear()
    yield settings
    urlpatterns.clear()
    clear()


def clear() -> None:
    from django.urls import clear_url_caches

    clear_url_caches()


def ids(check) -> list[str]:
    return [message.id for message in check()]


def test_pages_that_are_not_included_are_information(host):
    assert ids(pages.check_urls) == []
    urlpatterns.clear()
    clear()
    assert ids(pages.check_urls) == ["avatar_monitoring.I006"]
    assert pages.check_sign_in() == pages.check_static_files() == []


def test_a_project_without_urls_includes_none(settings):
    settings.ROOT_URLCONF = None
    assert ids(pages.check_urls) == ["avatar_monitoring.I006"]


def test_what_the_pages_need_is_named(host):
    host.LOGIN_URL = "/sign-in/"
    assert pages.check_sign_in() == []
    host.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    host.TEMPLATES = []
    (warning,) = pages.check_sign_in()
    assert warning.id == "avatar_monitoring.W009"
    assert warning.msg == (
        "The pages need django.contrib.sessions.middleware.SessionMiddleware in MIDDLEWARE, "
        "django.contrib.auth.middleware.AuthenticationMiddleware in MIDDLEWARE, DjangoTemplates in TEMPLATES"
    )


class OwnSessions(SessionMiddleware):
    """A host's."""


def test_a_middleware_may_be_the_hosts_own_kind_of_it(host):
    host.LOGIN_URL = "/sign-in/"
    host.MIDDLEWARE = [f"{__name__}.OwnSessions", *host.MIDDLEWARE]
    host.MIDDLEWARE.remove("django.contrib.sessions.middleware.SessionMiddleware")
    assert pages.check_sign_in() == []


@pytest.mark.parametrize(
    ("login_url", "is_somewhere"),
    [
        ("/accounts/login/", False),
        ("login", False),
        ("avatar_monitoring:live", True),
        ("/app/sign-in/", True),
        ("https://sso.example.com/", True),
    ],
)
def test_somebody_must_be_able_to_sign_in(host, login_url, is_somewhere):
    host.LOGIN_URL = login_url
    assert ids(pages.check_sign_in) == ([] if is_somewhere else ["avatar_monitoring.W010"])


def test_the_admin_is_enough_to_sign_in(host):
    from django.contrib import admin

    host.LOGIN_URL = "/accounts/login/"
    urlpatterns.append(path("admin/", admin.site.urls))
    clear()
    assert pages.check_sign_in() == []


@pytest.fixture
def collected(host, tmp_path):
    """STATIC_ROOT of a project in production."""
    host.DEBUG, host.STATIC_ROOT = False, tmp_path
    return tmp_path


def collect(root, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_collected_files_are_enough(collected):
    collect(collected, pages.OWN_FILE)
    assert ids(pages.check_static_files) == ["avatar_monitoring.W011"]
    collect(collected, pages.UPLOT)
    assert pages.check_static_files() == []


def test_a_manifest_must_have_them(collected):
    collect(collected, pages.OWN_FILE, pages.UPLOT)
    manifest = collected / "staticfiles.json"
    manifest.write_text(json.dumps({"paths": {pages.OWN_FILE: "x"}}))
    (warning,) = pages.check_static_files()
    assert (warning.id, pages.UPLOT in warning.msg) == ("avatar_monitoring.W011", True)
    manifest.write_text(json.dumps({"paths": {pages.OWN_FILE: "x", pages.UPLOT: "y"}}))
    assert pages.check_static_files() == []


@pytest.mark.parametrize("debug", [True, False])
def test_where_nothing_was_collected_they_must_be_found(host, monkeypatch, tmp_path, debug):
    host.DEBUG, host.STATIC_ROOT = debug, tmp_path / "none"
    monkeypatch.setattr(pages, "_is_found", lambda _: True)
    assert pages.check_static_files() == []
    monkeypatch.setattr(pages, "_is_found", lambda file: file != pages.UPLOT)
    assert ids(pages.check_static_files) == ["avatar_monitoring.W012"]


def test_our_own_file_is_found():
    assert pages._is_found(pages.OWN_FILE)
    assert not pages._is_found("avatar_monitoring/no-such-file.js")
