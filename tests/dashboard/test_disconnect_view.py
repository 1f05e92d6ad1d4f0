import json

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from monitoring import disconnecting
from monitoring.disconnecting import Disconnected, Outcome
from monitoring.fleet.node_answers import Target
from tests.dashboard.test_views import body

pytestmark = pytest.mark.django_db
URL = reverse("avatar_monitoring:disconnect")


@pytest.fixture
def operator(viewer) -> Client:
    permission = Permission.objects.get(content_type__app_label="avatar_monitoring", codename="disconnect_client")
    User.objects.get(username="viewer").user_permissions.add(permission)
    return viewer


@pytest.fixture
def asked(monkeypatch) -> list:
    calls = []

    def disconnect(targets, by, reason):
        calls.append((targets, by, reason))
        return [Disconnected(one.client_id, "web:1", Outcome.DISCONNECTED) for one in targets]

    monkeypatch.setattr(disconnecting, "disconnect", disconnect)
    return calls


def post(client: Client, content: object, **headers: str):
    return client.post(URL, json.dumps(content), content_type="application/json", **headers)


def test_it_works(operator, asked):
    answer = post(operator, {"clients": [{"client_id": "ann", "node": "web:1"}], "reason": " too loud "})
    assert answer.json() == {"outcomes": [{"client_id": "ann", "node": "web:1", "outcome": "disconnected"}]}
    assert asked == [([Target("ann", "web:1")], "viewer", "too loud")]


def test_it_needs_its_permission_and_a_signed_in_user(viewer, client, asked):
    refused = post(viewer, {"clients": [{"client_id": "ann"}]})
    assert (refused.status_code, refused.json()["error"]) == (
        403,
        "This needs the permission avatar_monitoring.disconnect_client",
    )
    assert post(client, {}).status_code == 401
    assert asked == []


def test_it_needs_the_csrf_token_of_its_page(operator, asked):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    assert post(strict, {"clients": [{"client_id": "ann"}]}).status_code == 403
    assert asked == []
    assert operator.get(URL).status_code == 405


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "must be an object with clients and reason"),
        ({"clients": [{"name": "ann"}]}, "clients"),
        ({"clients": [{"client_id": "ann"}], "why": ""}, "why"),
        ({"clients": []}, "clients: must be 1 to 100 clients, not 0"),
        ({"clients": [{"client_id": "ann"}], "reason": "x" * 201}, "reason: must be at most 200 characters"),
    ],
)
def test_what_cannot_be_done_is_named(operator, content, problem):
    answer = post(operator, content)
    assert (answer.status_code, problem in answer.json()["error"]) == (400, True)


def test_what_cannot_be_recorded_is_not_done(operator, monkeypatch):
    def fail(*_):
        raise DatabaseError

    monkeypatch.setattr(disconnecting, "disconnect", fail)
    answer = post(operator, {"clients": [{"client_id": "ann"}]})
    assert (answer.status_code, answer.json()["error"]) == (
        503,
        "This cannot be recorded now, so nobody was disconnected.",
    )


@pytest.mark.parametrize("page", ["/clients/", "/clients/ann/"])
def test_only_those_who_may_disconnect_see_the_dialog(viewer, page):
    assert "disconnect-dialog" not in body(viewer.get(page))
    permission = Permission.objects.get(content_type__app_label="avatar_monitoring", codename="disconnect_client")
    User.objects.get(username="viewer").user_permissions.add(permission)
    shown = body(viewer.get(page))
    assert 'id="disconnect-dialog"' in shown
    assert 'id="disconnect-button"' in shown
