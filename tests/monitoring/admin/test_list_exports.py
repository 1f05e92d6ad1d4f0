import csv
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from monitoring.columns import timestamp
from monitoring.models import Alert, ClientSession, Day, Hour, Minute
from tests.monitoring.batches import MINUTE, minute, sample

pytestmark = pytest.mark.django_db


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
