"""Sessions in the admin: totals of open ones, forgetting clients, and who disconnected whom."""

import re

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from monitoring.admin import session_lists
from monitoring.models import ClientSession, Disconnection
from tests.monitoring.history.test_session_search import session

pytestmark = pytest.mark.django_db
SESSIONS, DISCONNECTIONS = "/admin/avatar_monitoring/clientsession/", "/admin/avatar_monitoring/disconnection/"


@pytest.fixture
def staff(client) -> User:
    """Somebody who may see sessions and disconnections."""
    user = User.objects.create_user("staff", is_staff=True)
    seen = ("view_clientsession", "view_disconnection")
    user.user_permissions.set(Permission.objects.filter(codename__in=seen))
    client.force_login(user)
    return user


def may_forget(user: User) -> None:
    user.user_permissions.add(Permission.objects.get(codename="forget_client"))


def act(client, rows, **more: str):
    data = {"action": "forget_clients", "_selected_action": [row.pk for row in rows], **more}
    return client.post(SESSIONS, data, follow=True)


def test_totals_of_an_open_session_are_those_that_its_node_tells_or_dashes(client, staff, monkeypatch):
    session("ann", lasted=None)
    page = client.get(SESSIONS).content.decode()
    assert '<td data-label="Messages, bytes in, out" class="field-shown_traffic">–</td>' in page

    def told(rows):
        for row in rows:
            row.messages, row.totals_at = 1234, timezone.now()

    monkeypatch.setattr(session_lists, "add_totals", told)
    page = client.get(SESSIONS).content.decode()
    assert '<td data-label="Messages, bytes in, out" class="field-shown_traffic"><div>1,234</div>' in page
    number = ClientSession.objects.get().pk
    assert "1234" in client.get(f"{SESSIONS}{number}/change/").content.decode()


def test_bytes_are_in_the_units_of_the_pages(client, staff, admin_client):
    row = session("ann")
    ClientSession.objects.update(bytes_received=51_200, bytes_sent=1_000)
    page = client.get(SESSIONS).content.decode()
    assert "in 50.0 KB" in page
    assert "out 1,000 B" in page
    shown = admin_client.get(f"/clients/{row.client_id}/").content.decode()
    assert ("50.0 KB" in shown, "1,000 B" in shown) == (True, True)


def test_sessions_are_filtered_by_whether_they_are_open(client, staff):
    session("ann", 9, ended="client closed")
    session("ben", 3, lasted=None)
    page = client.get(SESSIONS).content.decode()
    assert re.search(r'<a href="\?state=open">\s*Open</a>', page)
    for query, expected in (
        ("state=open", "ben"),
        ("state=closed", "ann"),
        ("ended=", "ben"),
        ("state=none", "benann"),
    ):
        found = client.get(f"{SESSIONS}?{query}").context["cl"].result_list
        assert "".join(row.client_id for row in found) == expected


def test_causes_are_shown_in_words(client, staff):
    page = client.get(SESSIONS).content.decode()
    assert re.search(r">\s*Read too slowly\s*<", page)
    assert not re.search(r">\s*slow_reader\s*<", page)


def test_clients_are_forgotten_after_a_question(client, staff):
    session("ann", 9)
    session("ann", 5)
    session("ben", 3, lasted=None)
    rows = list(ClientSession.objects.order_by("pk"))
    assert b"forget_clients" not in client.get(SESSIONS).content
    act(client, rows[:1], confirmed="yes")
    assert ClientSession.objects.count() == 3
    may_forget(staff)
    page = act(client, [rows[0], rows[2]]).content.decode()
    assert "<strong>ann</strong>: 2 sessions" in page
    assert "1 still open" in page
    assert ClientSession.objects.count() == 3
    act(client, [rows[0], rows[2]], confirmed="yes")
    assert [row.client_id for row in ClientSession.objects.all()] == ["ben"]
    entries = LogEntry.objects.filter(action_flag=DELETION)
    assert len(entries) == 2
    assert all("ann" not in entry.change_message + entry.object_repr for entry in entries)
    assert {entry.user for entry in entries} == {staff}


def test_too_many_clients_at_once_are_refused(client, staff, monkeypatch):
    monkeypatch.setattr("monitoring.admin.forget_action.MOST_CLIENTS", 1)
    may_forget(staff)
    session("ann", 9)
    session("ben", 8)
    page = act(client, list(ClientSession.objects.all()), confirmed="yes").content.decode()
    assert "more than 1 clients" in page
    assert ClientSession.objects.count() == 2


def test_who_disconnected_whom_is_shown_and_nobody_changes_it(client, staff):
    row = Disconnection.objects.create(by="kim", client_id="ann", node="web:1", reason="too loud", outcome="no answer")
    page = client.get(DISCONNECTIONS).content.decode()
    assert "too loud" in page
    assert "no answer" in page
    assert client.get(f"{DISCONNECTIONS}add/").status_code == 403
    assert b'name="_save"' not in client.get(f"{DISCONNECTIONS}{row.pk}/change/").content
