"""Where people sign in in other projects, some of which have forgotten to say it, or have no such page."""

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse_lazy, set_script_prefix

from monitoring.sign_in_page import sign_in_url

HOSTS = "tests.dashboard.hosts"
ADMIN = "/office/login/?next=/monitoring/"


def asked(path: str = "/monitoring/", **more) -> str | None:
    return sign_in_url(RequestFactory().get(path, **more))


@pytest.mark.parametrize(
    "login_url",
    ["/accounts/login/", "accounts/login/", "own-sign-in", reverse_lazy("own-sign-in"), "/accounts/login"],
    ids=["an address", "a relative one", "a name", "a lazy name", "without its slash"],
)
def test_login_url_comes_first(settings, login_url):
    settings.ROOT_URLCONF, settings.LOGIN_URL = f"{HOSTS}.with_sign_in", login_url
    assert asked() == "/accounts/login/?next=/monitoring/"


@pytest.mark.parametrize(
    "login_url",
    ["login", "/accounts/login/", reverse_lazy("login"), "", None, "/monitoring/", "avatar_monitoring:live"],
    ids=["no such name", "no such address", "no such lazy name", "empty", "None", "one of our pages", "its name"],
)
def test_a_login_url_that_leads_nowhere_falls_back_to_the_admin_whatever_its_name(settings, login_url):
    settings.ROOT_URLCONF, settings.LOGIN_URL = f"{HOSTS}.with_admin", login_url
    assert asked() == ADMIN


@pytest.mark.parametrize("login_url", ["login", "/accounts/login/", "/monitoring/clients/"])
def test_without_an_admin_there_is_none(settings, login_url):
    settings.ROOT_URLCONF, settings.LOGIN_URL = f"{HOSTS}.plain", login_url
    assert asked() is None


def test_a_page_for_every_address_is_a_sign_in_page_only_if_it_was_named(settings):
    settings.ROOT_URLCONF = f"{HOSTS}.with_anything"
    settings.LOGIN_URL = "/accounts/login/"
    assert asked() == "/admin/login/?next=/monitoring/"
    settings.LOGIN_URL = "/sign-in"
    assert asked() == "/sign-in?next=/monitoring/"


def test_another_host_is_told_the_whole_address_to_come_back_to(settings):
    settings.LOGIN_URL = "https://sso.example.org/start?app=7"
    assert asked() == "https://sso.example.org/start?app=7&next=http%3A//testserver/monitoring/"


def test_addresses_have_the_language_and_the_prefix_of_the_project(settings):
    settings.ROOT_URLCONF, settings.LANGUAGE_CODE = f"{HOSTS}.translated", "de"
    settings.LOGIN_URL = "/accounts/login/"
    assert asked("/de/monitoring/") == "/de/accounts/login/?next=/de/monitoring/"
    set_script_prefix("/app/")
    try:
        assert asked("/de/monitoring/", SCRIPT_NAME="/app") == "/app/de/accounts/login/?next=/app/de/monitoring/"
    finally:
        set_script_prefix("/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "clients/", "alerts/", "trends/", "trends/export/", "metrics", "api/docs"])
def test_every_page_goes_there(settings, client, path):
    settings.ROOT_URLCONF, settings.LOGIN_URL = f"{HOSTS}.with_admin", "no-such-name"
    response = client.get(f"/monitoring/{path}", headers={"accept": "text/html"})
    assert (response.status_code, response.url) == (302, f"/office/login/?next=/monitoring/{path}")


@pytest.mark.django_db
def test_programs_are_not_sent_there(settings, client):
    settings.ROOT_URLCONF, settings.LOGIN_URL = f"{HOSTS}.with_admin", "no-such-name"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    settings.AVATAR_MONITORING = {"AVATAR_API_TOKENS": "a-token-of-twenty-characters"}
    for path in ("metrics", "api/alerts", "api/openapi.json", "api/docs", "live/past/"):
        assert client.get(f"/monitoring/{path}").status_code == 401
    token = {"authorization": "Bearer a-token-of-twenty-characters"}
    assert client.get("/monitoring/api/alerts", headers=token).status_code == 200


@pytest.mark.django_db
def test_someone_signed_in_without_the_permission_is_never_sent_there(settings, client):
    settings.ROOT_URLCONF = f"{HOSTS}.with_admin"
    client.force_login(User.objects.create_user("stranger", is_staff=True))
    response = client.get("/monitoring/", headers={"accept": "text/html"})
    assert response.status_code == 403
    assert "<code>avatar_monitoring.view_live</code>" in response.content.decode()
