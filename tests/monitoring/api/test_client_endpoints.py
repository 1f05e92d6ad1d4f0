import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError
from django.test import Client

from monitoring import disconnecting
from monitoring.disconnecting import Disconnected, Outcome
from monitoring.fleet.node_answers import Target

pytestmark = pytest.mark.django_db
URL = "/api/clients/disconnect"
ANN = {"clients": [{"client_id": "ann", "node": "web:1"}]}


@pytest.fixture
def asked(monkeypatch) -> list:
    calls = []

    def disconnect(targets, by, reason):
        calls.append((targets, by, reason))
        return [Disconnected(one.client_id, one.node, Outcome.NOT_CONNECTED) for one in targets]

    monkeypatch.setattr(disconnecting, "disconnect", disconnect)
    return calls


def post(client, content, **headers):
    return client.post(URL, content, content_type="application/json", **headers)


def test_it_works(operator, asked):
    answer = post(operator, ANN | {"reason": "too loud"})
    assert answer.json() == {"outcomes": [{"client_id": "ann", "node": "web:1", "outcome": "not connected"}]}
    ((targets, by, reason),) = asked
    assert (targets, reason) == ([Target("ann", "web:1")], "too loud")
    assert by.startswith("token ")


def test_a_token_that_may_only_read_is_refused(caller, asked):
    assert post(caller, ANN).status_code == 403
    assert asked == []


def test_a_signed_in_person_needs_the_permission_and_the_csrf_token(client, asked):
    user = User.objects.create_user("kim")
    user.user_permissions.add(Permission.objects.get(codename="answer_alert"))
    client.force_login(user)
    assert "avatar_monitoring.disconnect_client" in post(client, ANN).json()["message"]
    user.user_permissions.add(Permission.objects.get(codename="disconnect_client"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert post(strict, ANN).json()["error"] == "csrf_failed"
    assert asked == []
    assert post(client, ANN).status_code == 200
    assert asked[0][1] == "kim"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"clients": []},
        {"clients": "ann"},
        {"clients": [{"client_id": ""}]},
        {"clients": [{"name": "ann"}]},
        ANN | {"reason": "x" * 201},
        {"clients": [{"client_id": "ann"}] * 101},
    ],
)
def test_what_is_wrong_is_named(operator, asked, content):
    answer = post(operator, content)
    assert answer.status_code == 400, answer.content
    assert answer.json()["message"]
    assert asked == []


def test_what_cannot_be_recorded_is_not_done(operator, monkeypatch):
    def fail(*_):
        raise DatabaseError

    monkeypatch.setattr(disconnecting, "disconnect", fail)
    assert (post(operator, ANN).status_code, post(operator, ANN).json()["error"]) == (503, "not_recorded")
