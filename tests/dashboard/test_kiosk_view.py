import logging

import pytest
from django.conf import settings
from django.test import Client
from django.urls import set_script_prefix

from dashboard.viewer_admission import (
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    RECHECK_SECONDS,
    SCREEN_RECHECK_SECONDS,
    admission,
    recheck_seconds,
)
from monitoring.access import Refused
from monitoring.kiosk_screens import create
from monitoring.models import KioskToken

pytestmark = pytest.mark.django_db
PAGES = ["/", "/clients/", "/sessions/", "/alerts/", "/trends/", "/alerts/rules/"]


def enter(client: Client, secret: str, address: str = "/kiosk/", **headers):
    return client.post(address, {"token": secret}, headers=headers)


@pytest.fixture
def screen() -> Client:
    client = Client()
    assert enter(client, create("lobby", "ada")[1]).status_code == 303
    return client


def revoke() -> None:
    KioskToken.objects.update(revoked_at="2026-01-01T00:00:00Z")


def handshake(client: Client) -> dict:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return {"headers": [(b"cookie", cookies.encode())]}


# Entering


def test_the_page_takes_the_token_from_behind_the_address():
    response = Client().get("/kiosk/")
    assert response.status_code == 200
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    assert 'id="kiosk-form" method="post"' in response.content.decode()


def test_a_token_becomes_a_cookie_of_its_own_and_the_first_page_opens():
    response = enter(Client(), create("lobby", "ada")[1], "/kiosk/?rotate=20&pages=alerts,live")
    assert (response.status_code, response.headers["Location"]) == (303, "/alerts/?kiosk=1&rotate=20&pages=alerts,live")
    ((name, cookie),) = response.cookies.items()
    assert name.startswith("avatar_kiosk_")
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert 364 * 86_400 < cookie["max-age"] <= 365 * 86_400
    assert "session" not in str(response.cookies)


def test_the_cookie_is_sent_to_the_pages_only():
    secret = create("lobby", "ada")[1]
    set_script_prefix("/below/")
    try:
        ((_, cookie),) = Client(SCRIPT_NAME="/below").post("/kiosk/", {"token": secret}).cookies.items()
    finally:
        set_script_prefix("/")
    assert cookie["path"] == "/below/"


def test_over_https_the_cookie_is_sent_over_https_only():
    response = Client().post("/kiosk/", {"token": create("lobby", "ada")[1]}, secure=True)
    ((_, cookie),) = response.cookies.items()
    assert cookie["secure"]


def test_a_second_browser_with_the_same_token_stays_outside():
    _, secret = create("lobby", "ada")
    enter(Client(), secret)
    other = Client()
    response = enter(other, secret)
    assert response.status_code == 403
    assert "This token has been used already" in response.content.decode()
    assert not other.cookies


def test_a_screen_that_starts_again_at_the_same_address_goes_on():
    client, (_, secret) = Client(), create("lobby", "ada")
    enter(client, secret)
    response = enter(client, secret)
    assert (response.status_code, response.headers["Location"]) == (303, "/?kiosk=1")
    assert "data-known" in client.get("/kiosk/").content.decode()


@pytest.mark.parametrize("token", ["", "x" * 201])
def test_what_is_no_token_is_refused(token):
    assert enter(Client(), token).status_code == 400


def test_another_sites_page_cannot_send_a_token():
    _, secret = create("lobby", "ada")
    assert enter(Client(), secret, origin="https://elsewhere.example").status_code == 403
    assert enter(Client(), secret, origin="http://testserver").status_code == 303


@pytest.mark.parametrize("origin", ["null", "", "http://[", "https://testserver@elsewhere.example"])
def test_an_origin_that_is_none_is_another_sites(origin):
    assert enter(Client(), create("lobby", "ada")[1], origin=origin).status_code == 403


def test_a_proxy_that_changes_the_host_needs_its_origin_listed(settings):
    _, secret = create("lobby", "ada")
    settings.AVATAR_MONITORING = {"AVATAR_ALLOWED_ORIGINS": "https://avatars.example"}
    assert enter(Client(), secret, origin="https://avatars.example").status_code == 303


def test_the_secret_and_the_cookie_are_in_no_log_and_no_answer(caplog):
    client, (_, secret) = Client(), create("lobby", "ada")
    with caplog.at_level(logging.DEBUG):
        answers = [enter(client, secret), enter(client, secret), enter(Client(), secret), client.get("/?kiosk=1")]
    value = next(morsel.value for name, morsel in client.cookies.items() if name.startswith("avatar_kiosk"))
    said = caplog.text + "".join(answer.content.decode() + answer.headers.get("Location", "") for answer in answers)
    assert secret not in said
    assert value not in said


def test_guesses_are_limited(monkeypatch):
    class Full:
        def check(self, caller: str) -> None:
            raise Refused(429, "too_many_requests", f"at most 10 requests a second for {caller}")

    monkeypatch.setattr("dashboard.kiosk_view.limiter", Full())
    response = enter(Client(), create("lobby", "ada")[1])
    assert response.status_code == 429
    assert "at most 10 requests a second for kiosk 127.0.0.1" in response.content.decode()
    assert not KioskToken.objects.exclude(exchanged_at=None)


# What a screen may


@pytest.mark.parametrize("path", PAGES)
def test_a_screen_sees_the_pages(screen, path):
    assert screen.get(path, {"kiosk": "1"}).status_code == 200


def test_a_screen_reads_what_the_pages_read(screen):
    assert screen.get("/alerts/rules.json").status_code == 200
    assert screen.get("/alerts/waiting.json").status_code == 200
    assert screen.get("/api/alerts").status_code == 200
    assert admission(handshake(screen)).code is None


def test_a_screen_changes_nothing_and_is_nobody_in_the_admin(screen):
    for path in ("/alerts/answer/", "/alerts/silences/new/", "/sessions/disconnect/"):
        assert screen.post(path, {}, content_type="application/json").status_code in (401, 403)
    for path in ("/api/clients/disconnect", "/api/silences"):
        assert screen.post(path, {}, content_type="application/json").status_code in (401, 403)
    assert screen.get("/admin/").status_code == 302


def test_a_revoked_screen_is_nobody(screen):
    revoke()
    assert screen.get("/").status_code == 302
    assert screen.get("/alerts/waiting.json").status_code == 401
    assert screen.get("/kiosk/state.json").status_code == 401
    assert screen.get("/api/alerts").status_code == 401
    assert admission(handshake(screen)).code == NOT_SIGNED_IN


def test_a_screen_in_kiosk_mode_waits_for_its_return_instead_of_signing_in(screen):
    revoke()
    response = screen.get("/alerts/?kiosk=1&rotate=30")
    assert response.status_code == 401
    assert "This screen may not watch" in response.content.decode()
    assert "data-kiosk" in response.content.decode()


def test_whoever_is_signed_in_without_the_permission_watches_by_the_screen_s_cookie(stranger):
    assert admission(handshake(stranger)).code == NOT_ALLOWED
    enter(stranger, create("lobby", "ada")[1])
    assert stranger.get("/").status_code == 200
    assert admission(handshake(stranger)).code is None


def test_an_open_websocket_of_a_screen_is_asked_about_every_few_seconds(screen, viewer):
    assert recheck_seconds(handshake(screen)) == SCREEN_RECHECK_SECONDS
    assert recheck_seconds(handshake(viewer)) == RECHECK_SECONDS


def test_it_works_in_a_project_without_sessions_and_users(host):
    host.MIDDLEWARE = []
    client = Client()
    assert enter(client, create("lobby", "ada")[1], "/monitoring/kiosk/").status_code == 303
    assert client.get("/monitoring/?kiosk=1").status_code == 200
    assert settings.SESSION_COOKIE_NAME not in client.cookies


# How a page looks on a screen


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_a_page_on_a_screen_has_nothing_to_act_with(admin_client):
    assert 'id="answer-dialog"' in page(admin_client, "/")
    shown = page(admin_client, "/?kiosk=1")
    assert 'id="answer-dialog"' not in shown
    assert "data-kiosk" in shown
    assert 'id="disconnect-dialog"' in page(admin_client, "/clients/")
    assert 'id="disconnect-dialog"' not in page(admin_client, "/clients/?kiosk=1")


def test_a_page_at_a_desk_loads_nothing_of_it(viewer):
    assert "kiosk" not in page(viewer, "/").replace("kiosk mode", "")


def test_it_knows_the_page_that_follows(viewer):
    shown = page(viewer, "/alerts/?kiosk=1&rotate=30&pages=live,alerts,trends")
    assert '"next_url": "/trends/?kiosk=1\\u0026rotate=30\\u0026pages=live,alerts,trends"' in shown


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("kiosk=yes", "kiosk=yes: must be 1"),
        ("kiosk=1&rotate=4", "rotate=4: must be a whole number of seconds, 5 to 3600"),
        ("kiosk=1&rotate=soon", "rotate=soon: must be"),
        ("kiosk=1&pages=live,admin", "pages=live,admin: must be some of live, clients, sessions, alerts, trends"),
        ("kiosk=1&pages=live,live", "pages=live,live: must have each page once"),
        ("kiosk=1&zone=mars", "zone=mars: must be one of local, utc"),
    ],
)
def test_a_bad_value_is_named(viewer, query, reason):
    response = viewer.get(f"/?{query}")
    assert response.status_code == 400
    assert reason in response.content.decode()


def test_what_a_screen_asks_for_changes_with_the_release(viewer):
    assert viewer.get("/kiosk/state.json").json()["release"] in page(viewer, "/?kiosk=1")


def test_an_error_of_the_server_is_asked_for_again(admin_client, monkeypatch):
    from django.db import OperationalError

    def away(*_):
        raise OperationalError("away")

    monkeypatch.setattr("dashboard.views.history_context", away)
    assert admin_client.get("/?kiosk=1").headers["Refresh"] == "30"
    assert "Refresh" not in admin_client.get("/").headers
