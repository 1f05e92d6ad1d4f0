import csv
import re
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.columns import timestamp
from monitoring.models import Alert, ClientSession, Day, Hour, Minute
from tests.monitoring.batches import MINUTE, minute, sample

pytestmark = pytest.mark.django_db
SESSIONS = "/admin/avatar_monitoring/clientsession/"


@pytest.fixture
def reader() -> Client:
    """A user who may see minutes, and nothing else."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_minute"))
    client = Client()
    client.force_login(user)
    return client


def exported(client: Client, model: type, *rows, **more) -> list[dict]:
    chosen = {"action": "export_csv", "_selected_action": [row.pk for row in rows], **more}
    response = client.post(f"/admin/avatar_monitoring/{model.__name__.lower()}/?period=all", chosen)
    assert response.status_code == 200, response
    assert response["Content-Disposition"].endswith('.csv"')
    return list(csv.DictReader(StringIO(response.getvalue().decode(), newline="")))


def test_the_selected_minutes_become_a_file(admin_client):
    chosen = minute(messages=7)
    minute(MINUTE + 60, messages=8)
    assert [row["messages"] for row in exported(admin_client, Minute, chosen)] == ["7"]


def test_all_rows_of_the_list_may_be_selected_at_once(admin_client):
    rows = [minute(MINUTE + 60 * at, messages=at) for at in range(3)]
    assert [row["messages"] for row in exported(admin_client, Minute, rows[0], select_across="1")] == ["0", "1", "2"]


@pytest.mark.parametrize("tier", [Hour, Day])
def test_hours_and_days_can_be_exported_too(admin_client, tier):
    row = tier.from_sample("web:1", "a", "web", sample(messages=3))
    row.save()
    assert [row["messages"] for row in exported(admin_client, tier, row)] == ["3"]


def test_alerts_and_sessions_can_be_exported_too(admin_client):
    at = timestamp(MINUTE)
    alert = Alert.objects.create(metric="fps", subject="web", value=1, threshold=1, peak=1, started_at=at)
    session = ClientSession.objects.create(client_id="=cmd()", boot="b", session_id="1", connected_at=at)
    assert [row["subject"] for row in exported(admin_client, Alert, alert)] == ["web"]
    assert [row["client_id"] for row in exported(admin_client, ClientSession, session)] == ["'=cmd()"]


def test_people_who_may_see_rows_may_export_them(reader):
    assert len(exported(reader, Minute, minute())) == 1
    assert reader.post("/admin/avatar_monitoring/alert/", {"action": "export_csv"}).status_code == 403


def test_a_whole_list_is_exported_as_it_is_filtered(admin_client):
    for number in range(3):
        at = timestamp(MINUTE + number)
        ClientSession.objects.create(client_id=f"c{number}", boot="b", session_id=str(number), connected_at=at)
    page = admin_client.get(f"{SESSIONS}?period=all&q=c1").content.decode()
    address = re.search(rf'href="({SESSIONS}export/csv/[^"]*)"', page)[1].replace("&amp;", "&")
    response = admin_client.get(address)
    rows = list(csv.DictReader(StringIO(response.getvalue().decode(), newline="")))
    assert [row["client_id"] for row in rows] == ["c1"]
    assert response["Content-Disposition"].endswith('.csv"')
    assert len(admin_client.get(f"{SESSIONS}export/jsonl/?period=all").getvalue().splitlines()) == 3


def test_an_export_refuses_what_the_list_refuses(admin_client, reader):
    assert admin_client.get(f"{SESSIONS}export/csv/?nonsense=1").status_code == 400
    assert admin_client.get(f"{SESSIONS}export/csv/?id=no").status_code == 400
    assert reader.get(f"{SESSIONS}export/csv/").status_code == 403
    assert Client().get(f"{SESSIONS}export/csv/").status_code == 302


def test_the_log_says_who_exported_and_not_whom(admin_client):
    admin_client.get(f"{SESSIONS}export/csv/?q=ann")
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == ("client sessions", "Exported as CSV.")
    assert entry.user.username == "admin"


@pytest.mark.parametrize("name", ["marker", "disconnection", "minute", "alert"])
def test_every_list_of_records_is_exported(admin_client, name):
    assert admin_client.get(f"/admin/avatar_monitoring/{name}/export/jsonl/").status_code == 200


def test_rows_are_read_a_few_at_a_time(admin_client, monkeypatch):
    for name in ("FIRST", "LOOKED_UP"):
        monkeypatch.setattr(f"monitoring.export.found_rows.{name}", 2)
    monkeypatch.setattr("monitoring.export.found_rows.GROWTH", 1)
    for number in range(5):
        at = timestamp(MINUTE + number)
        ClientSession.objects.create(client_id="c", boot="b", session_id=str(number), connected_at=at)
    response = admin_client.get(f"{SESSIONS}export/csv/?period=all")
    with CaptureQueriesContext(connection) as found:
        parts = list(response.streaming_content)
    assert len(parts) > 1
    assert all(re.search(r"LIMIT 2$|IN \(\d+(, \d+)?\)$", query["sql"]) for query in found.captured_queries)
