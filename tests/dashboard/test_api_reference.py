"""The page about the API says all that its schema says."""

import re
from contextlib import contextmanager
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from dashboard.api_reference import objects, operations
from monitoring.api.endpoints import api
from monitoring.extras import MissingExtraError
from monitoring.models import Silence
from tests.dashboard.test_views import body
from tests.monitoring.alerting.firing import firing


@pytest.fixture
def schema(db):
    return api.get_openapi_schema()


def test_every_operation_is_there_with_its_parameters_and_answers(schema):
    found = {(operation.path, operation.method): operation for operation in operations(schema, "https://a.org")}
    assert set(found) == {(path, method.upper()) for path, methods in schema["paths"].items() for method in methods}
    for (path, method), operation in found.items():
        described = schema["paths"][path][method.lower()]
        assert [one.name for one in operation.parameters] == [one["name"] for one in described.get("parameters", [])]
        assert bool(operation.body) == ("requestBody" in described)
        assert [str(one.status) for one in operation.answers] == sorted(map(str, described["responses"]))
        assert all(one.choices or one.allowed for one in operation.parameters)


def test_a_parameter_says_what_is_allowed_and_its_default(schema):
    [series] = [one for one in operations(schema, "") if one.path == "/api/series"]
    named = {one.name: one for one in series.parameters}
    assert named["metric"].is_required
    assert "cpu_percent" in named["metric"].examples
    assert (named["points"].allowed, named["points"].default) == ("1 to 1500", "300")
    assert named["node"].kind == "string, may be repeated"
    assert named["from"].allowed.startswith("now, a time ago such as -30m")


def test_every_object_of_an_answer_is_described_with_its_fields(schema):
    found = {one.name: one for one in objects(schema)}
    assert {"Current", "LiveNode", "Series", "Bucket", "Episode", "Session", "Problem"} <= set(found)
    fields = {one.name: one for one in found["Session"].fields}
    assert (fields["latency_ms"].of, fields["messages"].kind) == ("Percentiles", "integer or null")
    assert {field.of for one in found.values() for field in one.fields} - {""} <= set(found)


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_every_operation_has_an_example_that_the_api_answers(schema, admin_client, language):
    firing(pk=1)
    Silence.objects.create(pk=1, ends_at=timezone.now() + timedelta(hours=1))
    for operation in operations(schema, "http://testserver"):
        code = next(one.code for one in operation.examples if one.language == language)
        path = re.search(r'"http://testserver([^"]+)"', code)[1]
        assert "Bearer" in code
        body = re.search(r"(?:-d '|body = |stringify\()({.*})", code)
        ask = admin_client.get if operation.method == "GET" else admin_client.post
        response = ask(path, body[1], content_type="application/json") if body else ask(path)
        assert response.status_code in (200, 201, 503), (path, response.content)


def test_the_anchors_of_operations_differ(schema):
    anchors = [operation.anchor for operation in operations(schema, "")]
    assert len(set(anchors)) == len(anchors)


def test_a_body_says_what_is_allowed_and_required(schema):
    found = {one.name: {field.name: field for field in one.fields} for one in objects(schema)}
    silence = found["NewSilence"]
    assert (silence["reason"].kind, silence["repeats"].kind) == ("string, required", "string")
    assert "a time ahead such as +30m" in silence["ends_at"].text
    assert found["BatchAnswer"]["filter"].of == "AlertsWanted"


def test_python_examples_are_python(schema):
    for operation in operations(schema, "https://a.org"):
        compile(next(one.code for one in operation.examples if one.language == "Python"), "example", "exec")


def test_the_page_shows_all_of_it_without_the_app_of_the_library(viewer, settings):
    assert "ninja" not in settings.INSTALLED_APPS
    text = unescape(body(viewer.get("/api/docs", headers={"accept": "text/html"})))
    for words in (
        "GET</span> <code>/api/series",
        "POST</span> <code>/api/alerts/{number}/acknowledge",
        "1 to 1500",
        "too_many" and "Too Many Requests",
        "may be repeated",
    ):
        assert words in text
    anchors = set(re.findall(r'href="#([\w-]+)"', text)) - {"main"} - set(re.findall(r"icon-\w+(?:-\w+)?", text))
    assert anchors <= set(re.findall(r'id="([\w-]+)"', text))


def test_the_menu_leads_there(viewer):
    assert '<a href="/api/docs">API</a>' in body(viewer.get("/"))


def test_the_schema_for_programs_stays(viewer):
    assert viewer.get("/api/openapi.json").json()["openapi"].startswith("3.")


def test_without_the_library_the_page_says_what_to_install(viewer, monkeypatch):
    @contextmanager
    def missing(library: str):
        raise MissingExtraError(f"{library} is not installed: pip install django-ninja")
        yield

    monkeypatch.setattr("dashboard.api_docs.needed", missing)
    response = viewer.get("/api/docs", headers={"accept": "text/html"})
    assert response.status_code == 200
    assert "ninja is not installed: pip install django-ninja." in body(response)


def test_the_live_page_and_the_export_of_trends_lead_there_too(viewer):
    assert '<dd><a href="/api/docs">' in body(viewer.get("/"))
    assert '<a href="/api/docs#series"><code>GET /api/series</code></a>' in body(viewer.get("/trends/"))


def test_what_stays_english_on_the_page_says_so(viewer):
    page = body(viewer.get("/api/docs", headers={"accept": "text/html", "accept-language": "ko"}))
    assert '<html lang="ko"' in page
    assert '<p lang="en">The current state of the fleet' in page
    assert '<dd lang="en">1 to 1500' in page


def test_the_library_s_own_page_is_at_no_address():
    assert api.docs_url is None
