import json

import pytest
from django.contrib import admin
from django.contrib.sessions.middleware import SessionMiddleware
from django.urls import clear_url_caches, include, path

from monitoring.checks import page_needs

urlpatterns: list = []
PAGES = path("ops/", include("dashboard.urls"))
SIGN_IN = path("sign-in/", lambda _: None, name="sign-in")


@pytest.fixture
def host(settings):
    """A host whose URLconf holds only the pages and where people sign in."""
    settings.ROOT_URLCONF = __name__
    settings.LOGIN_URL = "/sign-in/"
    urlpatterns[:] = [PAGES, SIGN_IN]
    clear_url_caches()
    yield settings
    urlpatterns.clear()
    clear_url_caches()


def ids(check) -> list[str]:
    return [message.id for message in check()]


def test_pages_that_are_not_included_are_information(host):
    assert ids(page_needs.check_urls) == []
    urlpatterns.clear()
    clear_url_caches()
    assert ids(page_needs.check_urls) == ["avatar_monitoring.I006"]
    assert page_needs.check_sign_in() == page_needs.check_static_files() == []


def test_a_project_without_urls_includes_none(settings):
    settings.ROOT_URLCONF = None
    assert ids(page_needs.check_urls) == ["avatar_monitoring.I006"]


def test_what_the_pages_need_is_named(host):
    assert page_needs.check_sign_in() == []
    host.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    (warning,) = page_needs.check_sign_in()
    assert warning.id == "avatar_monitoring.W009"
    assert warning.msg == (
        "The pages need django.contrib.sessions.middleware.SessionMiddleware in MIDDLEWARE, "
        "django.contrib.auth.middleware.AuthenticationMiddleware in MIDDLEWARE"
    )


class OwnSessions(SessionMiddleware):
    """A host's."""


def test_a_middleware_may_be_the_hosts_own_kind_of_it(host):
    host.MIDDLEWARE = [f"{__name__}.OwnSessions", *host.MIDDLEWARE]
    host.MIDDLEWARE.remove("django.contrib.sessions.middleware.SessionMiddleware")
    assert page_needs.check_sign_in() == []


@pytest.mark.parametrize(
    ("login_url", "is_somewhere"),
    [("/accounts/login/", False), ("nowhere", False), ("sign-in", True), ("https://sso.example.com/", True)],
)
def test_somebody_must_be_able_to_sign_in(host, login_url, is_somewhere):
    host.LOGIN_URL = login_url
    assert ids(page_needs.check_sign_in) == ([] if is_somewhere else ["avatar_monitoring.W010"])


def test_the_admin_is_enough_to_sign_in(host):
    urlpatterns[:] = [PAGES, path("admin/", admin.site.urls)]
    clear_url_caches()
    assert page_needs.check_sign_in() == []


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
    collect(collected, page_needs.OWN_FILE)
    assert ids(page_needs.check_static_files) == ["avatar_monitoring.W011"]
    collect(collected, page_needs.UPLOT)
    assert page_needs.check_static_files() == []


def test_a_manifest_must_have_them(collected):
    collect(collected, page_needs.OWN_FILE, page_needs.UPLOT)
    manifest = collected / "staticfiles.json"
    manifest.write_text(json.dumps({"paths": {page_needs.OWN_FILE: "x"}}))
    (warning,) = page_needs.check_static_files()
    assert (warning.id, page_needs.UPLOT in warning.msg) == ("avatar_monitoring.W011", True)
    manifest.write_text(json.dumps({"paths": {page_needs.OWN_FILE: "x", page_needs.UPLOT: "y"}}))
    assert page_needs.check_static_files() == []


@pytest.mark.parametrize("debug", [True, False])
def test_where_nothing_was_collected_they_must_be_found(host, monkeypatch, tmp_path, debug):
    host.DEBUG, host.STATIC_ROOT = debug, tmp_path / "none"
    monkeypatch.setattr(page_needs, "_is_found", lambda _: True)
    assert page_needs.check_static_files() == []
    monkeypatch.setattr(page_needs, "_is_found", lambda file: file != page_needs.UPLOT)
    assert ids(page_needs.check_static_files) == ["avatar_monitoring.W012"]


def test_our_own_file_is_found():
    assert page_needs._is_found(page_needs.OWN_FILE)
    assert not page_needs._is_found("avatar_monitoring/no-such-file.js")
