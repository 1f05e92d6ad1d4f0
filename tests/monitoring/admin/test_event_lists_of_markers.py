import pytest

from monitoring.models import Marker

pytestmark = pytest.mark.django_db
LIST = "/admin/avatar_monitoring/marker/"


def test_markers_are_added_changed_and_deleted(admin_client):
    moment = {"at_0": "2026-01-02", "at_1": "12:00:00"}
    admin_client.post(f"{LIST}add/", {"text": "release 2", **moment})
    marker = Marker.objects.get()
    admin_client.post(f"{LIST}{marker.pk}/change/", {"text": "release 3", **moment})
    assert [str(one) for one in Marker.objects.all()] == ["release 3"]
    admin_client.post(f"{LIST}{marker.pk}/delete/", {"post": "yes"})
    assert not Marker.objects.exists()


def test_the_list_shows_when_and_what(admin_client):
    admin_client.post(f"{LIST}add/", {"text": "release 2", "at_0": "2026-01-02", "at_1": "12:00:00"})
    html = admin_client.get(LIST).content.decode()
    assert "2026-01-02 12:00:00" in html
    assert "release 2" in html
