import itertools
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from monitoring.core.records import SessionRecord
from monitoring.models import Alert, ClientSession, Disconnection, Notice
from monitoring.models.node import Site
from monitoring.storage import forgetting
from monitoring.storage.forgetting import FORGOTTEN, Forgotten, blank, forget_client, forget_user
from monitoring.storage.prune import prune
from monitoring.storage.rows import store_sessions
from tests.monitoring.alerting.rows import channel, waiting_notice
from tests.monitoring.batches import batch
from tests.monitoring.history import test_alert_search, test_session_search
from tests.monitoring.history.test_alert_search import alert
from tests.monitoring.history.test_session_search import session

pytestmark = pytest.mark.django_db
DAY = 24 * 60
FOREVER = float("inf")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(test_session_search, "NOW", timezone.now())
    monkeypatch.setattr(test_alert_search, "NOW", timezone.now())
    Site.objects.own_name()
    return timezone.now()


def personal(client: str, ago: float, **fields) -> ClientSession:
    return session(client, ago, user="kim", user_agent="Firefox", **fields)


def kept(client: str) -> tuple[str, str | None, str]:
    return ClientSession.objects.values_list("remote", "user", "user_agent").get(client_id=client)


BLANK, WHOLE = ("", None, ""), ("10.0.0.1", "kim", "Firefox")


def test_old_sessions_lose_address_user_and_browser_and_stay(now):
    personal("old", 31 * DAY)
    personal("young", 29 * DAY)
    personal("open", 40 * DAY, lasted=None)
    assert blank(now - timedelta(days=30), FOREVER) == 1
    assert [kept(client) for client in ("old", "young", "open")] == [BLANK, WHOLE, WHOLE]


def test_it_goes_on_in_batches_and_only_from_where_it_came_to(now, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for number in range(5):
        personal(f"c{number}", 40 * DAY + number)
    ticks = itertools.count()
    assert blank(now - timedelta(days=30), 1, lambda: next(ticks)) == 2
    assert blank(now - timedelta(days=30), FOREVER) == 3
    personal("late", 50 * DAY)
    assert blank(now - timedelta(days=30), FOREVER) == 0


def test_sessions_that_ended_at_one_moment_are_all_blanked(now, monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for number in range(5):
        personal(f"c{number}", 40 * DAY + number, lasted=number)
    assert blank(now - timedelta(days=30), FOREVER) == 5


def test_pruning_does_it_and_says_so(now, settings):
    personal("old", 31 * DAY)
    assert "blanked the personal data of 1 session" in str(prune(now))
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_PERSONAL": "forever"}
    personal("older", 60 * DAY)
    assert "blanked" not in str(prune(now))


def test_what_arrives_later_than_it_may_be_kept_is_stored_without(now):
    old, young = ((now - timedelta(days=days)).timestamp() for days in (31, 1))
    records = [
        SessionRecord(
            name, name, "/ws/", "10.0.0.1", connected_at=end - 5, disconnected_at=end, user="kim", user_agent="Firefox"
        )
        for name, end in (("old", old), ("young", young))
    ]
    store_sessions([batch(sessions=records)])
    assert (kept("old"), kept("young")) == (BLANK, WHOLE)


def test_a_client_is_forgotten_with_its_alerts_and_mentions():
    session("ann", 9)
    session("ann#2", 8)
    session("anna", 7)
    session("ann", 3, lasted=None)
    alert("ann", client_id="ann")
    alert("web:1", grouped=True, examples=["ann", "ben"])
    Disconnection.objects.create(by="kim", client_id="ann")
    expected = Forgotten(sessions=2, still_open=1, alerts=1, mentions=1, disconnections=1)
    assert forget_client("ann", dry_run=True) == expected
    assert ClientSession.objects.count() == 4
    assert forget_client("ann") == expected
    assert sorted(ClientSession.objects.values_list("client_id", flat=True)) == ["ann", "anna"]
    assert [(one.subject, one.examples) for one in Alert.objects.all()] == [("web:1", ["ben"])]
    assert Disconnection.objects.get().client_id == FORGOTTEN


def test_a_client_that_only_one_nodes_report_names_is_forgotten_too():
    reports = [{"node": "web:1", "examples": ["ben"]}, {"node": "web:2", "examples": ["ann", "cy"]}]
    alert("host", grouped=True, examples=["ben"], reports=reports)
    assert forget_client("ann").mentions == 1
    assert [one["examples"] for one in Alert.objects.get().reports] == [["ben"], ["cy"]]


def test_notices_do_not_name_a_forgotten_client_any_more():
    told = {
        "severity": "warning",
        "title": "Warning: Latency above 100 ms, ann",
        "text": "ann: 300 ms, peak 310 ms\nanna: 120 ms\nweb:1: up to 3 clients, such as ann.lee, ann#2",
        "alerts": [{"client_id": "ann", "summary": "ann: 300 ms", "value": 300.0}, {"client_id": "anna"}],
    }
    to = channel()
    notice, other = waiting_notice(to, content=told), waiting_notice(to, content={"title": "Warning: anna"})
    session("ann#2", 8)
    assert forget_client("ann", dry_run=True).notices == 1
    assert Notice.objects.get(pk=notice.pk).content == told
    assert forget_client("ann").notices == 1
    content = Notice.objects.get(pk=notice.pk).content
    assert content["title"] == "Warning: Latency above 100 ms, (forgotten)"
    assert content["text"] == (
        "(forgotten): 300 ms, peak 310 ms\nanna: 120 ms\nweb:1: up to 3 clients, such as ann.lee, (forgotten)"
    )
    assert content["alerts"] == [
        {"client_id": "(forgotten)", "summary": "(forgotten): 300 ms", "value": 300.0},
        {"client_id": "anna"},
    ]
    assert Notice.objects.get(pk=other.pk).content == {"title": "Warning: anna"}


@pytest.mark.parametrize("client", ["anna-lena", "50%_off", "안녕", 'the "one"'])
def test_notices_are_found_whatever_the_id(client):
    to = channel()
    notice = waiting_notice(to, content={"title": f"Warning: Latency above 100 ms, {client}"})
    waiting_notice(to, content={"title": "Warning: Latency above 100 ms, ben"})
    assert forget_client(client).notices == 1
    assert Notice.objects.get(pk=notice.pk).content["title"] == "Warning: Latency above 100 ms, (forgotten)"


def test_a_user_whose_clients_were_also_others_changes_no_notice():
    session("shared", 8, user="kim")
    session("shared", 7, user="lee")
    notice = waiting_notice(channel(), content={"title": "Warning: shared"})
    assert forget_user("kim").notices == 0
    assert Notice.objects.get(pk=notice.pk).content == {"title": "Warning: shared"}


def test_what_a_node_reports_of_an_alert_meanwhile_stays(monkeypatch):
    session("ann", 9)
    about_many = alert("web:1", grouped=True, examples=["ann", "ben"], reports=[{"until": None, "examples": ["ann"]}])

    def delete(rows, only=forgetting._delete):
        only(rows)
        Alert.objects.filter(pk=about_many.pk).update(reports=[{"until": 7, "examples": ["ann", "kim"]}])

    monkeypatch.setattr(forgetting, "_delete", delete)
    forget_client("ann")
    found = Alert.objects.get()
    assert (found.examples, found.reports) == (["ben"], [{"until": 7, "examples": ["kim"]}])


def test_a_user_is_forgotten_with_the_clients_that_were_only_this_user_s():
    session("own", 9, user="kim")
    session("shared", 8, user="kim")
    session("shared", 7, user="lee")
    alert("own", client_id="own")
    alert("shared", client_id="shared")
    assert forget_user("kim") == Forgotten(sessions=2, alerts=1)
    assert [(one.client_id, one.user) for one in ClientSession.objects.all()] == [("shared", "lee")]
    assert Alert.objects.get().subject == "shared"


def test_the_command_says_what_it_did(capsys):
    session("ann", 9)
    session("ann", 3, lasted=None)
    call_command("forget_client", "ann", "--dry-run")
    assert "client ann: would delete 1 session, 0 alerts" in capsys.readouterr().out
    call_command("forget_client", "ann")
    out = capsys.readouterr().out
    assert "client ann: deleted 1 session" in out
    assert "1 session is still open and stays" in out
    session("ben", 9, user="kim")
    call_command("forget_client", "--user", "kim")
    assert "user kim: deleted 1 session" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("ann", "--user", "kim"), ("",), ("a" * 256,)])
def test_the_command_refuses_what_names_nobody(arguments):
    with pytest.raises(CommandError, match="must be"):
        call_command("forget_client", *arguments)
