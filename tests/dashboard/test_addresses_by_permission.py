"""Clients' addresses are whole for people with `view_addresses` and for tokens; others see networks, on all pages."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from monitoring.history import seconds
from monitoring.kiosk_screens import create
from monitoring.models import ClientSession
from tests.monitoring.conftest import TOKEN

pytestmark = pytest.mark.django_db
ADDRESS, NETWORK = "203.0.113.77", "203.0.113.0/24"
LIST = "/admin/avatar_monitoring/clientsession/"
PLACES = [
    "/clients/ada/", "/sessions/", "/sessions/export/", "/sessions/export/?format=json", "/api/sessions",
    "/api/clients/ada/history", f"{LIST}export/csv/?period=all", f"{LIST}export/jsonl/?period=all", f"{LIST}1/change/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def session(redis, monkeypatch) -> ClientSession:
    monkeypatch.setattr(seconds, "_readers", {})
    left = timezone.now() - timedelta(minutes=5)
    return ClientSession.objects.create(
        pk=1, node="vm:1", boot="b", session_id="s", client_id="ada", path="/ws/", remote=ADDRESS, ended="left",
        connected_at=left - timedelta(minutes=5), disconnected_at=left,
    )  # fmt: skip


def person(*permissions: str) -> Client:
    user = User.objects.create_user("operator", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="avatar_monitoring", codename__in=permissions)
    )
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response
    return b"".join(response.streaming_content if response.streaming else [response.content]).decode()


@pytest.fixture
def operator() -> Client:
    return person("view_live", "view_clientsession")


@pytest.fixture
def trusted() -> Client:
    return person("view_live", "view_clientsession", "view_addresses")


@pytest.mark.parametrize("path", PLACES)
def test_without_the_permission_an_address_is_its_network(operator, path):
    found = shown(operator, path)
    assert ADDRESS not in found
    assert NETWORK in found


@pytest.mark.parametrize("path", PLACES)
def test_with_the_permission_it_is_whole(trusted, path):
    assert ADDRESS in shown(trusted, path)


@pytest.mark.parametrize("path", [path for path in PLACES if path.startswith("/api/")])
def test_the_holder_of_a_token_sees_it_whole(settings, path):
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_API_TOKENS": TOKEN}
    assert ADDRESS in shown(Client(), path, Authorization=f"Bearer {TOKEN}")


def test_a_screen_on_a_wall_sees_a_network():
    screen = Client()
    secret = create("lobby", "ada")[1]
    screen.post("/kiosk/", {"token": secret})
    assert NETWORK in (found := shown(screen, "/clients/ada/?kiosk=1"))
    assert ADDRESS not in found


def found(client: Client, search: str) -> int:
    at = (timezone.now() - timedelta(minutes=7)).timestamp()
    return client.get("/live/past/moment/", {"at": at, "search": search}).json()["clients_matched"]


def test_no_search_of_the_past_tells_more_than_what_is_shown(operator):
    assert [found(operator, search) for search in ("203.0.113", ".77", "ada")] == [1, 0, 1]


def test_with_the_permission_a_search_of_the_past_finds_whole_addresses(trusted):
    assert [found(trusted, search) for search in ("203.0.113", ".77")] == [1, 1]


def test_no_search_and_no_filter_of_the_admin_tells_more(operator):
    assert "0 client sessions" in shown(operator, f"{LIST}?period=all&q={ADDRESS}")
    assert operator.get(f"{LIST}?period=all&remote__startswith=203.0.113.7").status_code == 400


def test_with_the_permission_the_admin_finds_addresses(trusted):
    assert "1 client session" in shown(trusted, f"{LIST}?period=all&q={ADDRESS}")
    assert "1 client session" in shown(trusted, f"{LIST}?period=all&remote={ADDRESS}")
