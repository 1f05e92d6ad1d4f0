import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from monitoring.models import Alert, AlertEntry, Silence
from tests.dashboard.alerts import operator_client, stored_alert
from tests.dashboard.test_views import body

pytestmark = pytest.mark.django_db
ANSWER, NEW = "/alerts/answer/", "/alerts/silences/new/"


@pytest.fixture
def kim(db) -> Client:
    return operator_client()


def post(client: Client, url: str = ANSWER, **content):
    return client.post(url, json.dumps(content), content_type="application/json")


def refused(client: Client, status: int, url: str = ANSWER, **content) -> dict:
    response = post(client, url, **content)
    assert response.status_code == status, response.content
    return response.json()


def done(client: Client, url: str = ANSWER, **content) -> dict:
    return refused(client, 200, url, **content)


def test_an_alert_is_acknowledged_for_a_time_and_the_page_says_by_whom(kim):
    one = stored_alert(lasted=None)
    assert done(kim, act="acknowledge", alert=one.pk, until="1h", text="on it") == {"changed": 1, "passed_over": 0}
    one.refresh_from_db()
    assert one.acknowledged_by == "kim"
    assert timedelta(minutes=59) < one.acknowledged_until - timezone.now() < timedelta(minutes=61)
    assert "acknowledged by <bdi>kim</bdi>" in body(kim.get("/alerts/"))
    assert "on it" in body(kim.get(f"/alerts/{one.pk}/"))


def test_without_a_time_it_is_acknowledged_until_it_ends(kim):
    one = stored_alert(lasted=None)
    done(kim, act="acknowledge", alert=one.pk, until="")
    one.refresh_from_db()
    assert (one.acknowledged_by, one.acknowledged_until) == ("kim", None)


def test_the_second_learns_who_was_first_and_changes_nothing(kim):
    one = stored_alert(lasted=None)
    done(kim, act="acknowledge", alert=one.pk)
    told = refused(operator_client("lee"), 409, act="acknowledge", alert=one.pk, text="me too")
    assert told["by"] == "kim"
    assert told["error"] == "kim has acknowledged this already"
    assert told["at"]
    one.refresh_from_db()
    assert one.acknowledged_by == "kim"
    assert [entry.by for entry in AlertEntry.objects.all()] == ["kim"]


def test_what_is_over_stays_so(kim):
    one = stored_alert(lasted=None)
    done(kim, act="resolve", alert=one.pk)
    told = refused(operator_client("lee"), 409, act="acknowledge", alert=one.pk)
    assert told["error"] == "kim has resolved this alert already. It stays over, and nothing was changed."
    over = stored_alert("over")
    assert "has ended already" in refused(kim, 409, act="resolve", alert=over.pk)["error"]


def test_an_acknowledgement_is_taken_back_once(kim):
    one = stored_alert(lasted=None)
    done(kim, act="acknowledge", alert=one.pk)
    done(kim, act="unacknowledge", alert=one.pk)
    one.refresh_from_db()
    assert one.acknowledged_at is None
    assert "not acknowledged any more" in refused(kim, 409, act="unacknowledge", alert=one.pk)["error"]


def test_a_comment_is_added_also_to_what_is_over(kim):
    one = stored_alert()
    done(kim, act="comment", alert=one.pk, text=" disk was full ")
    assert AlertEntry.objects.get().text == "disk was full"
    assert refused(kim, 400, act="comment", alert=one.pk, text="  ")["error"] == "text: must not be empty"


def test_an_answer_is_given_to_everything_that_matches_the_filter(kim):
    for number in range(60):
        stored_alert(f"vm-{number}", lasted=None)
    other = stored_alert("other", lasted=None, metric="latency_ms")
    done(kim, act="acknowledge", alert=Alert.objects.get(subject="vm-3").pk)
    told = done(kim, act="acknowledge", filter="rule=cpu_percent")
    assert told == {"changed": 59, "passed_over": 1}
    other.refresh_from_db()
    assert other.acknowledged_at is None
    assert done(kim, act="resolve", filter="")["changed"] == 61


def test_the_only_alert_that_matches_is_answered_as_one(kim):
    """The live page knows an alert by its rule and subject."""
    stored_alert(lasted=None)
    asked = {"act": "acknowledge", "filter": "rule=cpu_percent&subject=vm"}
    done(kim, **asked)
    assert refused(operator_client("lee"), 409, **asked)["by"] == "kim"


def test_an_alert_that_is_not_stored_yet_is_asked_for_again(kim):
    for asked in ({"filter": "rule=cpu_percent"}, {"alert": 7}):
        assert "stored within seconds" in refused(kim, 404, act="acknowledge", **asked)["error"]


def test_a_filter_that_is_not_understood_changes_nothing(kim):
    one = stored_alert(lasted=None)
    told = refused(kim, 400, act="resolve", filter="severity=loud")
    assert told["error"] == "severity=loud: must be one of critical, warning, info"
    one.refresh_from_db()
    assert one.ended_at is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"act": "delete", "alert": 1}, "act=delete: must be one of acknowledge, unacknowledge, comment, resolve"),
        ({"act": "resolve"}, "filter: must be a query string, or alert a number"),
        ({"act": "resolve", "alert": "1"}, "alert=1: must be the number of an alert"),
        ({"act": "resolve", "alert": 2**70}, "must be the number of an alert"),
        ({"act": "resolve", "alert": 1, "text": "x" * 1001}, "text: must be at most 1000 characters"),
        ({"act": "comment", "alert": 1, "text": {"a": 1}}, "text={'a': 1}: must be a text"),
        ({"act": "acknowledge", "alert": 1, "until": "soon"}, "until=soon: must be one of 15m, 1h"),
        ({"act": "acknowledge", "alert": 1, "until": "-1h"}, "must be in the future"),
    ],
)
def test_an_impossible_answer_is_named(kim, content, reason):
    assert reason in refused(kim, 400, **content)["error"]


@pytest.mark.parametrize("text", ["", "[]", "{", "1", "[" * 100_000, '{"a":' * 5_000])
def test_a_body_that_is_no_object_is_named(kim, text):
    response = kim.post(ANSWER, text, content_type="application/json")
    assert response.status_code == 400
    assert response.json() == {"error": "the body must be a JSON object"}


def test_a_silence_hides_what_matches_and_is_ended(kim):
    one = stored_alert(lasted=None)
    asked = {"matchers": {"subject": "v*"}, "length": "1h", "reason": "upgrade"}
    number = done(kim, NEW, **asked)["silence"]
    made = Silence.objects.get(pk=number)
    assert (made.by, made.reason, made.matchers) == ("kim", "upgrade", {"subject": "v*"})
    assert "silenced: upgrade" in body(kim.get(f"/alerts/{one.pk}/"))
    assert kim.get("/alerts/waiting.json").json()["count"] == 0
    done(kim, f"/alerts/silences/{number}/end/")
    assert kim.get("/alerts/waiting.json").json()["count"] == 1
    told = refused(kim, 409, f"/alerts/silences/{number}/end/")
    assert told["error"] == "kim has ended this silence already."
    assert refused(kim, 404, "/alerts/silences/999/end/")["error"] == "There is no such silence."


def test_a_maintenance_window_starts_later_and_repeats(kim):
    starts = (timezone.now() + timedelta(days=1)).isoformat()
    done(kim, NEW, matchers={"node": "vm:1"}, length="4h", reason="backup", starts=starts, repeats="weekly")
    page = body(kim.get("/alerts/silences/"))
    assert "To come" in page
    assert "repeated every week" in page


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"matchers": {}}, "matchers: at least one field must be given"),
        ({"matchers": {"colour": "red"}}, "matchers: colour must be one of rule, metric, severity"),
        ({"matchers": {"host": ["*"]}}, "host=['*']: must be a text"),
        ({"matchers": {"host": " "}}, "host: must not be empty"),
        ({"reason": ""}, "reason: must not be empty"),
        ({"length": "1y"}, "length=1y: must be one of 15m"),
        ({"repeats": "hourly"}, "repeats=hourly: must be one of daily, weekly"),
        ({"starts": "soon"}, "starts=soon: must be now"),
        ({"starts": "-2d"}, "must be in the future"),
    ],
)
def test_an_impossible_silence_is_named(kim, change, reason):
    usual = {"matchers": {"host": "vm"}, "length": "1h", "reason": "x"}
    assert reason in refused(kim, 400, NEW, **usual | change)["error"]
    assert not Silence.objects.exists()


@pytest.mark.parametrize("url", [ANSWER, NEW, "/alerts/silences/1/end/"])
def test_it_takes_a_post_with_the_token_by_somebody_who_may(url, client, viewer, stranger):
    assert post(client, url).status_code == 401
    assert post(stranger, url).status_code == 403
    assert "avatar_monitoring.answer_alert" in post(viewer, url).json()["error"]
    assert viewer.get(url).status_code == 405
    assert post(operator_client("strict", enforce_csrf_checks=True), url).status_code == 403
