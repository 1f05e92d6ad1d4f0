import re

import pytest
from django.db import OperationalError

from monitoring.api import endpoints
from monitoring.api.endpoints import api
from monitoring.models.alert import AlertQuerySet

pytestmark = pytest.mark.django_db
PATHS = [
    "/api/current",
    "/api/clients",
    "/api/clients/{client_id}/history",
    "/api/groups",
    "/api/series",
    "/api/breakdown",
    "/api/alerts",
    "/api/sessions",
    "/api/markers",
    "/api/nodes",
    "/api/silences",
    "/api/rules",
]
ANSWERS = [f"/api/alerts/{{number}}/{answer}" for answer in ("acknowledge", "unacknowledge", "comment", "resolve")]
SILENCING = ["/api/silences/preview", "/api/silences/{number}/end"]
ALL_PATHS = [*PATHS, "/api/alerts/{number}", *ANSWERS, "/api/alerts/answer", "/api/clients/disconnect", *SILENCING]


def test_the_schema_names_every_address():
    assert sorted(api.get_openapi_schema()["paths"]) == sorted(ALL_PATHS)


def test_only_answers_silences_and_disconnecting_change_anything():
    paths = api.get_openapi_schema()["paths"]
    writing = {path for path, methods in paths.items() if set(methods) != {"get"}}
    assert writing == {*ANSWERS, "/api/alerts/answer", "/api/silences", "/api/clients/disconnect", *SILENCING}


def test_every_parameter_says_what_is_allowed(caller):
    schema = caller.get("/api/openapi.json").json()
    parameters = [one for path in PATHS for one in schema["paths"][path]["get"].get("parameters", [])]
    assert {one["name"] for one in parameters} >= {"metric", "from", "to", "node", "points", "sort", "limit", "open"}
    for one in parameters:
        inner = one["schema"]
        choices = inner.get("anyOf", [inner.get("items", inner)])
        assert any("Allowed: " in choice.get("description", "") for choice in choices), one["name"]


def test_answers_and_refusals_have_schemas(caller):
    paths = caller.get("/api/openapi.json").json()["paths"]
    for methods in paths.values():
        for operation in methods.values():
            assert {"400", "401", "403", "429"} < set(operation["responses"])


def test_both_ways_to_authenticate_are_in_the_docs(caller):
    schemes = caller.get("/api/openapi.json").json()["components"]["securitySchemes"]
    assert {(one["type"], one.get("scheme")) for one in schemes.values()} == {("http", "bearer"), ("apiKey", None)}


@pytest.mark.parametrize("path", [*PATHS, "/metrics", "/api/openapi.json", "/api/docs"])
def test_strangers_get_nothing(client, bearer, path):
    response = client.get(path)
    assert (response.status_code, response.json()["error"]) == (401, "not_signed_in")


def test_users_without_the_permission_get_nothing(client, bearer, django_user_model):
    client.force_login(django_user_model.objects.create_user("stranger"))
    response = client.get("/api/alerts")
    assert (response.status_code, response.json()["error"]) == (403, "not_allowed")


def test_users_with_the_permission_need_no_token(client, bearer, admin_user):
    client.force_login(admin_user)
    assert client.get("/api/alerts").json() == {"alerts": [], "next": None, "firing": 0, "not_stored": []}


def test_a_caller_with_too_many_requests_is_told_when_to_come_back(caller, no_request_is_regained):
    answers = [caller.get("/api/alerts?limit=1")]
    while answers[-1].status_code == 200:
        answers.append(caller.get("/api/alerts?limit=1"))
    assert (answers[-1].status_code, answers[-1]["Retry-After"]) == (429, "1")
    assert len(answers) > 30


def test_answers_are_never_cached(caller):
    assert caller.get("/api/alerts")["Cache-Control"] == "no-store"
    assert caller.get("/api/alerts?limit=0")["Cache-Control"] == "no-store"


def test_an_unknown_address_is_answered_with_the_known_ones(caller):
    response = caller.get("/api/client")
    assert response.status_code == 404
    assert response.json()["allowed"] == sorted(ALL_PATHS)


def test_the_api_is_described_once_for_its_page_its_schema_and_unknown_addresses(caller, monkeypatch):
    told = [caller.get(address).json() for address in ("/api/openapi.json", "/api/client")]
    monkeypatch.setattr(endpoints, "get_schema", None)
    assert [caller.get(address).json() for address in ("/api/openapi.json", "/api/client")] == told
    assert caller.get("/api/docs").status_code == 200


def test_the_root_redirects_to_the_docs(caller):
    response = caller.get("/api/")
    assert (response.status_code, response["Location"]) == (302, "/api/docs")


def test_the_docs_come_from_this_site(caller, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    page = caller.get("/api/docs").content.decode()
    assert re.search(r"http://testserver/api/series\?[^\s]*metric=cpu_percent", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!testserver)', page)


def test_a_database_outage_is_reported_without_details(caller, monkeypatch):
    def unreachable(self, *_):
        raise OperationalError("password of user avatar is wrong")

    monkeypatch.setattr(AlertQuerySet, "between", unreachable)
    response = caller.get("/api/alerts")
    assert (response.status_code, response.json()["error"]) == (503, "database_away")
    assert "password" not in response.content.decode()


def test_a_post_is_not_allowed(caller):
    assert caller.post("/api/alerts").status_code == 405
