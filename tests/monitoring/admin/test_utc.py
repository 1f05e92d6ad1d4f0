"""The admin shows our records in UTC, whatever the project's time zone, and takes times in UTC."""

from datetime import UTC, datetime

import pytest

from monitoring.models import Alert, Marker
from tests.monitoring.batches import minute

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)
ALERTS = "/admin/avatar_monitoring/alert/"


@pytest.fixture(autouse=True)
def berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"


@pytest.fixture
def alert() -> Alert:
    return Alert.objects.create(
        metric="fps", subject="web", value=1, threshold=1, peak=1, started_at=NOON, ended_at=NOON
    )


def test_lists_say_that_they_are_in_utc(admin_client, alert):
    html = admin_client.get(f"{ALERTS}?state=resolved&period=all").content.decode()
    assert "2026-01-02 23:30:00 UTC" in html
    assert "2026-01-03" not in html


def test_so_does_a_rows_own_page(admin_client, alert):
    html = admin_client.get(f"{ALERTS}{alert.pk}/change/").content.decode()
    assert "2026-01-02 23:30:00 UTC" in html
    assert "Jan. 3" not in html


def test_so_do_minutes(admin_client):
    row = minute(int(NOON.timestamp()))
    html = admin_client.get("/admin/avatar_monitoring/minute/?period=all").content.decode()
    assert "2026-01-02 23:30:00 UTC" in html
    html = admin_client.get(f"/admin/avatar_monitoring/minute/{row.pk}/change/").content.decode()
    assert "2026-01-02 23:30:00 UTC" in html


def test_days_are_days_in_utc(admin_client, alert):
    query = "started_at__year=2026&started_at__month=1&started_at__day={}"
    assert "1 alert" in admin_client.get(f"{ALERTS}?{query.format(2)}").content.decode()
    assert "0 alerts" in admin_client.get(f"{ALERTS}?{query.format(3)}").content.decode()


def test_a_marker_is_entered_and_shown_in_utc(admin_client):
    page = "/admin/avatar_monitoring/marker/"
    admin_client.post(f"{page}add/", {"text": "release", "at_0": "2026-01-02", "at_1": "23:30:00"})
    marker = Marker.objects.get()
    assert marker.at == NOON
    assert 'value="23:30:00"' in admin_client.get(f"{page}{marker.pk}/change/").content.decode()
