"""People answer alerts in the admin: from the list, on an alert's page, and with silences."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from monitoring.alerting import answers, silencing
from monitoring.models import Alert, Silence
from tests.monitoring.alerting.firing import client_alerts, firing

pytestmark = pytest.mark.django_db
ALERTS, SILENCES = "/admin/avatar_monitoring/alert/", "/admin/avatar_monitoring/silence/"
HOUR = timedelta(hours=1)


@pytest.fixture
def staff(client) -> User:
    """Somebody who may see alerts."""
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_alert"))
    client.force_login(user)
    return user


@pytest.fixture
def operator(staff) -> User:
    """Somebody who may answer them, too."""
    staff.user_permissions.add(Permission.objects.get(codename="answer_alert"))
    return staff


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def act(client, action: str, alerts: list[Alert], path: str = ALERTS, **more: str):
    data = {"action": action, "_selected_action": [alert.pk for alert in alerts], **more}
    return client.post(path, data, follow=True)


def test_those_who_may_only_see_alerts_have_no_answers(client, staff):
    alert = firing()
    page = client.get(f"{ALERTS}{alert.pk}/change/").content.decode()
    assert 'name="answer"' not in page
    assert "acknowledge" not in client.get(ALERTS).content.decode().replace("acknowledged", "")
    act(client, "acknowledge", [alert], confirmed="yes")
    assert client.post(f"{ALERTS}{alert.pk}/answer/", {"answer": "resolve"}).status_code == 403
    assert not alert.entries.exists()


def test_the_list_asks_before_it_answers(client, operator):
    alerts = [firing(), firing("db", ended_at=timezone.now())]
    page = act(client, "acknowledge", alerts).content.decode()
    assert "1 firing alert will be answered. 1 that ended stays as it is." in page
    assert not Alert.objects.acknowledged().exists()
    response = act(client, "acknowledge", alerts, confirmed="yes", text="Mine", hours="4")
    assert said(response) == "1 acknowledged, 1 had ended before."
    (acknowledged,) = Alert.objects.acknowledged()
    assert acknowledged.acknowledged_by == "staff"
    assert acknowledged.acknowledged_until - acknowledged.acknowledged_at == 4 * HOUR
    assert [(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()] == [
        (str(acknowledged), "acknowledged: Mine")
    ]


def test_everything_that_matches_the_filter_is_answered(client, operator):
    client_alerts(150)
    other = firing()
    found = f"{ALERTS}?severity__exact=info"
    first = list(Alert.objects.of_severity("info")[:60])
    page = act(client, "resolve", first, found, select_across="1").content.decode()
    assert "150 firing alerts will be answered." in page
    assert said(act(client, "resolve", first, found, select_across="1", confirmed="yes")) == "150 resolved."
    assert list(Alert.objects.firing()) == [other]
    assert LogEntry.objects.count() == 150


def test_one_alert_is_answered_on_its_page(client, operator):
    alert = firing()
    path = f"{ALERTS}{alert.pk}/answer/"
    assert "Nothing was changed: Text" in said(client.post(path, {"answer": "comment", "text": ""}, follow=True))
    client.post(path, {"answer": "comment", "text": "It was <b>the backup</b>"})
    client.post(path, {"answer": "acknowledge", "text": "", "hours": ""})
    assert said(client.post(path, {"answer": "acknowledge"}, follow=True)).endswith("0 acknowledged, 1 already were.")
    client.post(path, {"answer": "unacknowledge"})
    page = client.post(path, {"answer": "resolve", "text": "Done"}, follow=True).content.decode()
    assert "It was &lt;b&gt;the backup&lt;/b&gt;" in page
    kinds = [entry.kind for entry in alert.entries.all()]
    assert kinds == ["commented", "acknowledged", "unacknowledged", "resolved"]
    assert LogEntry.objects.count() == 4


@pytest.mark.parametrize("number", ["999", "none"])
def test_an_alert_that_does_not_exist_is_not_found(client, operator, number):
    assert client.post(f"{ALERTS}{number}/answer/", {"answer": "resolve"}).status_code == 404


def test_a_silence_begins_with_what_the_chosen_alerts_have_in_common(client, operator):
    alerts = client_alerts(2)
    response = act(client, "silence", alerts)
    assert response.request["PATH_INFO"] == f"{SILENCES}add/"
    page = response.content.decode()
    for name, value in {"rule": "stale_client_seconds", "host": "web", "node": "web:1"}.items():
        assert re.search(rf'name="{name}" value="{value}"', page)
    assert 'name="subject" value=' not in page


def filled(**more: str) -> dict[str, str]:
    now = timezone.now()
    end = now + HOUR
    known = {
        "starts_at_0": f"{now:%Y-%m-%d}",
        "starts_at_1": f"{now:%H:%M:%S}",
        "ends_at_0": f"{end:%Y-%m-%d}",
        "ends_at_1": f"{end:%H:%M:%S}",
        "reason": "We move it",
        "repeats": "",
        "host": "w*",
    }
    return known | more


def test_it_says_how_many_a_silence_would_hide_before_it_is_saved(client, operator):
    firing()
    page = client.post(f"{SILENCES}add/", filled(_preview="yes")).content.decode()
    assert "Not saved yet. It would hide 1 firing alert now: web." in page
    assert not Silence.objects.exists()


def test_a_silence_is_made_shown_and_ended(client, operator):
    alert = firing()
    assert "It hides 1 firing alert now." in said(client.post(f"{SILENCES}add/", filled(), follow=True))
    silence = Silence.objects.get()
    assert (silence.matchers, silence.by, silence.reason) == ({"host": "w*"}, "staff", "We move it")
    page = client.get(f"{SILENCES}{silence.pk}/change/").content.decode()
    assert f'<a href="{ALERTS}{alert.pk}/change/">' in page
    assert "host=w*" in client.get(SILENCES).content.decode()
    client.post(f"{SILENCES}{silence.pk}/end/")
    silence.refresh_from_db()
    assert silence.ended_by == "staff"
    again = client.post(SILENCES, {"action": "end_now", "_selected_action": [silence.pk]}, follow=True)
    assert "staff ended it" in said(again)
    assert [entry.action_flag for entry in LogEntry.objects.order_by("id")] == [1, 2]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"host": ""}, "matchers are missing"),
        ({"reason": ""}, "This field is required"),
        ({"ends_at_0": "2020-01-01"}, "ends_at=2020"),
        ({"ends_at_0": "2999-01-01"}, "at most 30 days"),
    ],
)
def test_a_bad_silence_is_refused_where_it_is_wrong(client, operator, changed, told):
    assert told in client.post(f"{SILENCES}add/", filled(**changed)).content.decode()
    assert not Silence.objects.exists()


def test_a_silence_is_made_and_ended_by_those_who_may(client, staff):
    staff.user_permissions.add(Permission.objects.get(codename="view_silence"))
    silence = silencing.create(matchers={"host": "web"}, reason="We move it", by="ann", ends_at=timezone.now() + HOUR)
    page = client.get(f"{SILENCES}{silence.pk}/change/").content.decode()
    assert "End now" not in page
    assert client.get(f"{SILENCES}add/").status_code == 403
    assert client.post(f"{SILENCES}{silence.pk}/end/").status_code == 403


def test_the_list_shows_who_has_acknowledged(client, staff):
    firing()
    answers.acknowledge(Alert.objects.all(), "ann")
    assert "acknowledged by ann" in client.get(ALERTS).content.decode()
