import json
import re

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client

from avatar_site.admission import session_digest
from avatar_site.views import client_id_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]


@pytest.fixture
def plain_static_files(settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def config_of(response) -> dict:
    found = re.search(r'<script id="config" type="application/json">(.*?)</script>', response.content.decode())
    assert found
    return json.loads(found[1])


@pytest.fixture
def ann() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann"))
    return client


def test_an_open_site_shows_the_avatar_to_anybody(client: Client, settings):
    settings.AVATAR_AUTH = "open"
    config = config_of(client.get("/avatar/"))
    assert config == {"ws_path": "/ws/avatar/", "client_id": None, "ticket": None, "ticket_url": None}


def test_a_site_with_tickets_asks_people_to_sign_in(client: Client, settings):
    settings.AVATAR_AUTH = "ticket"
    response = client.get("/avatar/?room=attic")
    assert (response.status_code, response.url) == (302, "/login/?next=/avatar/%3Froom%3Dattic")


def test_the_page_carries_a_ticket_for_the_users_own_name(ann: Client, settings):
    settings.AVATAR_AUTH = "ticket"
    config = config_of(ann.get("/avatar/"))
    assert config["client_id"] == "ann"
    assert signing.loads(config["ticket"], salt="avatar", max_age=60)[0] == "ann"


def test_a_fresh_ticket_can_be_fetched(ann: Client):
    answer = ann.get("/avatar/ticket/").json()
    assert signing.loads(answer["ticket"], salt="avatar", max_age=60)[0] == answer["client_id"] == "ann"


def test_no_script_can_read_the_sessions_key_from_a_ticket(ann: Client):
    ticket = ann.get("/avatar/ticket/").json()["ticket"]
    _, user, session = signing.loads(ticket, salt="avatar")
    assert user == str(User.objects.get(username="ann").pk)
    assert session == session_digest(ann.session.session_key) != ann.session.session_key


def test_a_ticket_requires_a_signed_in_user(client: Client):
    assert client.get("/avatar/ticket/").status_code == 302


def test_the_page_has_the_documented_elements(client: Client):
    page = client.get("/avatar/").content.decode()
    assert all(f'id="{name}"' in page for name in ("fps-display", "cpu", "memory", "network"))


@pytest.mark.parametrize(
    ("username", "client_id"),
    [("ann", "ann"), ("ann.b_c-1", "ann.b_c-1"), ("ann+x@example.com", "ann-x-example.com:7"), ("앤", "-:7")],
)
def test_a_username_becomes_a_client_id(username: str, client_id: str):
    assert client_id_of(User(pk=7, username=username)) == client_id


def test_a_long_username_fits():
    assert len(client_id_of(User(pk=1234, username="x" * 150))) == 64


def test_health_is_public(client: Client):
    assert client.get("/healthz").status_code == 200


def test_the_page_links_only_to_pages_the_user_may_see(ann: Client, admin_client: Client):
    assert ">Trends</a>" not in ann.get("/avatar/").content.decode()
    assert ">Trends</a>" in admin_client.get("/avatar/").content.decode()
