"""Programs and people answer alerts and silence them through the API."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from monitoring.alerting import answers, silencing
from monitoring.models import Alert, AlertChannel, Notice, NoticeAlert, Silence
from tests.monitoring.alerting.firing import client_alerts, firing
from tests.monitoring.conftest import OPERATOR_TOKEN

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BY = f"token {hashlib.sha256(OPERATOR_TOKEN.encode()).hexdigest()[:12]}"
SILENCE = {"matchers": {"host": "web"}, "reason": "We move it", "ends_at": "+2h"}


@pytest.fixture
def post(operator):
    """Posts a JSON body with an operator's token."""

    def send(path: str, body: object = None, status: int = 200) -> dict:
        content = b"" if body is None else json.dumps(body)
        response = operator.post(path, content, content_type="application/json")
        assert response.status_code == status, response.content
        return response.json()

    return send


def path_of(alert: Alert, answer: str) -> str:
    return f"/api/alerts/{alert.pk}/{answer}"


# One alert


def test_a_second_acknowledgement_is_refused_with_who_was_first(post):
    alert = firing()
    given = post(path_of(alert, "acknowledge"), {"until": "+4h", "text": "I look into it"})["acknowledged"]
    assert given["by"] == BY
    assert given["until"] > given["at"]
    refused = post(path_of(alert, "acknowledge"), status=409)
    assert (refused["error"], refused["by"], refused["at"][:19]) == ("already_acknowledged", BY, given["at"][:19])
    assert BY in refused["message"]


def test_an_answer_to_what_is_over_does_not_reopen_it(post):
    alert = firing(ended_at=timezone.now())
    for answer in ("acknowledge", "unacknowledge", "resolve"):
        assert post(path_of(alert, answer), status=409)["error"] == "resolved"
    assert Alert.objects.get().state == "resolved"


def test_an_acknowledgement_can_be_taken_back_once(post):
    alert = firing()
    post(path_of(alert, "acknowledge"))
    assert post(path_of(alert, "unacknowledge"), {"text": "Not mine"})["acknowledged"] is None
    assert post(path_of(alert, "unacknowledge"), status=409)["error"] == "not_acknowledged"


def test_an_alert_is_resolved_by_hand(post):
    alert = firing()
    found = post(path_of(alert, "resolve"), {"text": "A load test"})
    assert (found["state"], found["ended"]) == ("resolved", "by hand")


def test_an_alert_is_read_with_its_log_and_its_notices(post, operator):
    alert = firing()
    post(path_of(alert, "comment"), {"text": "It was the backup"})
    post(path_of(alert, "acknowledge"), {"until": None})
    channel = AlertChannel.objects.create(name="pager", kind="webhook", target="https://secret.example")
    notice = Notice.objects.create(channel=channel, kind="firing", sent_at=timezone.now(), attempts=2)
    NoticeAlert.objects.create(notice=notice, alert=alert, state="firing", severity="warning", peak=90.0)
    response = operator.get(f"/api/alerts/{alert.pk}")
    found = response.json()
    assert [(one["kind"], one["by"], one["text"]) for one in found["entries"]] == [
        ("commented", BY, "It was the backup"),
        ("acknowledged", BY, ""),
    ]
    assert [(one["channel"], one["kind"], one["attempts"]) for one in found["told"]] == [("pager", "firing", 2)]
    assert (found["rule"], found["scope"]) == ("cpu_percent", "host")
    assert b"secret" not in response.content


@pytest.mark.parametrize("number", [0, 10**30])
def test_an_alert_that_does_not_exist_is_not_found(post, operator, number):
    assert post(f"/api/alerts/{number}/resolve", status=404)["error"] == "not_found"
    assert operator.get(f"/api/alerts/{number}").status_code == 404


@pytest.mark.parametrize(
    ("answer", "body", "parameter", "allowed"),
    [
        ("acknowledge", {"until": "tomorrow"}, "until", "a time ahead such as"),
        ("acknowledge", {"until": "-1h"}, "until", "a time ahead such as"),
        ("acknowledge", {"until": 5}, "until", "a time ahead such as"),
        ("acknowledge", {"until": "2020-01-01"}, "until", None),
        ("acknowledge", {"till": "+1h"}, "till", "until, text"),
        ("acknowledge", {"text": "x" * 1001}, "text", "at most 1000 characters"),
        ("acknowledge", {"text": ["x"]}, "text", "a text of at most"),
        ("comment", {}, "text", "required"),
        ("comment", {"text": " "}, "text", "1 to 1000 characters"),
        ("comment", {"text": "\0"}, "text", "1 to 1000 characters"),
        ("resolve", {"by": "root"}, "by", "text"),
        ("resolve", [], None, "an object with text"),
        ("resolve", "now", None, "an object with text"),
    ],
)
def test_a_bad_body_is_named_with_what_is_allowed(post, answer, body, parameter, allowed):
    alert = firing()
    refused = post(path_of(alert, answer), body, 400)
    assert refused.get("parameter") == parameter
    assert allowed is None or allowed in refused["allowed"]
    assert not alert.entries.exists()


def test_a_body_that_is_no_json_is_refused_in_json(operator):
    response = operator.post(path_of(firing(), "comment"), "text=hello", content_type="application/json")
    assert (response.status_code, response.json()["error"]) == (400, "bad_body")


@pytest.mark.parametrize("path", ["/api/alerts/answer", "/api/silences", "/api/clients/disconnect"])
def test_a_body_that_is_missing_is_called_so(operator, path):
    response = operator.post(path, "", content_type="application/json")
    told = {"error": "bad_body", "message": "The body is missing: it must be a JSON object"}
    assert (response.status_code, response.json()) == (400, told)


def test_a_parameter_in_the_address_is_refused(post):
    assert post(path_of(firing(), "resolve") + "?text=x", status=400)["parameter"] == "text"


# All that a filter finds


def test_everything_that_matches_is_answered(post):
    alerts = client_alerts(7)
    other = firing()
    answers.acknowledge(Alert.objects.having([alerts[0].pk]), "ann")
    Alert.objects.having([alerts[1].pk]).update(ended_at=timezone.now())
    body = {"answer": "acknowledge", "filter": {"metric": "stale_client_seconds", "from": "-1h"}, "until": "+1h"}
    assert post("/api/alerts/answer", body) == {"done": 5, "already": 1, "resolved": 1}
    assert not other.entries.exists()
    everything = {"answer": "resolve", "filter": {}}
    assert post("/api/alerts/answer", everything) == {"done": 7, "already": 0, "resolved": 1}


@pytest.mark.parametrize(
    ("narrowed", "number"),
    [
        ({"client": "avatar-2"}, 1),
        ({"subject": "avatar-2"}, 1),
        ({"rule": "cpu_percent"}, 1),
        ({"severity": "info"}, 3),
        ({"severity": "critical"}, 0),
        ({"acknowledged": True}, 1),
        ({"acknowledged": False}, 3),
        ({"silenced": True}, 1),
        ({"silenced": False, "state": "firing"}, 3),
        ({"node": "web:1"}, 3),
        ({"to": "-2h"}, 0),
    ],
)
def test_the_filter_is_that_of_the_list(post, operator, narrowed, number):
    client_alerts(3)
    firing("db", host="db", node="db:1")
    answers.acknowledge(Alert.objects.of_client("avatar-1"), "ann")
    silencing.create(matchers={"host": "db"}, reason="We move it", by="ann", ends_at=timezone.now() + HOUR)
    asked = {name: str(value).lower() if isinstance(value, bool) else value for name, value in narrowed.items()}
    assert len(operator.get("/api/alerts", asked).json()["alerts"]) == number
    assert post("/api/alerts/answer", {"answer": "comment", "text": "Seen", "filter": narrowed})["done"] == number


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"filter": {}}, "answer"),
        ({"answer": "acknowledge"}, "filter"),
        ({"answer": "delete", "filter": {}}, "answer"),
        ({"answer": "comment", "filter": {}}, "text"),
        ({"answer": "resolve", "filter": {}, "until": "+1h"}, "until"),
        ({"answer": "resolve", "filter": {"hosts": "web"}}, "hosts"),
        ({"answer": "resolve", "filter": {"silenced": "yes"}}, "silenced"),
        ({"answer": "resolve", "filter": {"state": ""}}, "state"),
        ({"answer": "resolve", "filter": {"from": "-1h", "to": "-2h"}}, "from"),
    ],
)
def test_a_bad_batch_changes_nothing(post, body, parameter):
    alert = firing()
    assert post("/api/alerts/answer", body, 400)["parameter"] == parameter
    assert not alert.entries.exists()


# Silences


def test_a_silence_is_made_listed_and_ended(post, operator):
    firing()
    assert post("/api/silences/preview", {"matchers": {"host": "w*"}}) == {"hides": 1, "examples": ["web"]}
    made = post("/api/silences", SILENCE, 201)
    assert (made["by"], made["state"], made["hides"]) == (BY, "active", 1)
    assert operator.get("/api/alerts?silenced=true").json()["alerts"][0]["silenced"] is True
    assert operator.get("/api/silences?state=open").json() == {"silences": [made], "next": None}
    ended = post(f"/api/silences/{made['id']}/end")
    assert (ended["state"], ended["ended_by"], ended["hides"]) == ("over", BY, 0)
    refused = post(f"/api/silences/{made['id']}/end", status=409)
    assert (refused["error"], refused["by"]) == ("over", BY)
    assert operator.get("/api/silences?state=open").json()["silences"] == []


def test_a_maintenance_window_waits(post):
    window = {"starts_at": "+1h", "ends_at": "+2h", "repeats": "weekly"}
    assert post("/api/silences", SILENCE | window, 201)["state"] == "waiting"


def test_silences_are_paged(post, operator):
    for number in range(3):
        post("/api/silences", SILENCE | {"reason": f"{number}"}, 201)
    first = operator.get("/api/silences?limit=2").json()
    second = operator.get(first["next"]).json()
    assert [one["reason"] for one in first["silences"] + second["silences"]] == ["2", "1", "0"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"matchers": {}}, "matchers"),
        ({"matchers": {"hostname": "web"}}, "matchers"),
        ({"matchers": {"host": 1}}, "matchers"),
        ({"matchers": "host=web"}, "matchers"),
        ({"reason": ""}, "reason"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": "+31d"}, "ends_at"),
        ({"starts_at": "+3h"}, "ends_at"),
        ({"repeats": "hourly"}, "repeats"),
    ],
)
def test_a_bad_silence_is_refused(post, changed, parameter):
    assert post("/api/silences", SILENCE | changed, 400)["parameter"] == parameter
    assert not Silence.objects.exists()


def test_a_silence_that_does_not_exist_is_not_found(post):
    assert post("/api/silences/7/end", status=404)["error"] == "not_found"


# Rules


def test_the_rules_in_force_are_listed(operator):
    found = {rule["name"]: rule for rule in operator.get("/api/rules").json()["rules"]}
    assert (found["cpu_percent"]["threshold"], found["cpu_percent"]["severity"]) == (80.0, "warning")


# Who may


def test_a_token_that_may_only_read_cannot_answer(caller):
    alert = firing()
    refused = caller.post(path_of(alert, "resolve"), content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
    assert "AVATAR_OPERATOR_TOKENS" in refused.json()["message"]
    assert not alert.entries.exists()


def test_an_unknown_token_cannot_answer(caller):
    refused = caller.post("/api/silences", headers={"Authorization": "Bearer " + "x" * 30})
    assert (refused.status_code, refused.json()["error"]) == (401, "unknown_token")


def test_nobody_cannot_answer(client, bearer):
    refused = client.post("/api/silences", SILENCE, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (401, "not_signed_in")


def person(django_user_model, *codenames: str):
    user = django_user_model.objects.create_user("ann")
    user.user_permissions.add(
        *Permission.objects.filter(content_type__app_label="avatar_monitoring", codename__in=codenames)
    )
    return user


def test_who_may_only_watch_cannot_answer(client, bearer, django_user_model):
    client.force_login(person(django_user_model, "view_live"))
    refused = client.post("/api/silences", SILENCE, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
    assert "avatar_monitoring.answer_alert" in refused.json()["message"]


def test_a_session_needs_the_csrf_token_of_its_pages(bearer, settings, django_user_model):
    alert = firing()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person(django_user_model, "view_live", "answer_alert"))
    refused = browser.post(path_of(alert, "resolve"), content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "csrf_failed")
    assert not alert.entries.exists()
    token = "a" * 32
    browser.cookies[settings.CSRF_COOKIE_NAME] = token
    given = browser.post(path_of(alert, "resolve"), content_type="application/json", headers={"X-CSRFToken": token})
    assert given.status_code == 200
    assert alert.entries.get().by == "ann"


def test_a_form_of_another_site_cannot_answer(bearer, settings, django_user_model):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person(django_user_model, "answer_alert"))
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32, "Origin": "https://evil.example"}
    refused = browser.post("/api/silences", SILENCE, content_type="application/json", headers=headers)
    assert refused.json()["error"] == "csrf_failed"
    assert not Silence.objects.exists()


def test_answers_are_limited_like_all_requests(operator, no_request_is_regained):
    alert = firing()
    sent = [operator.post(path_of(alert, "unacknowledge"), b"", content_type="application/json")]
    while sent[-1].status_code == 409:
        sent.append(operator.post(path_of(alert, "unacknowledge"), b"", content_type="application/json"))
    assert (sent[-1].status_code, sent[-1].json()["error"]) == (429, "too_many_requests")
    assert len(sent) > 30
