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


@pytest.mark.parametrize(
    ("kind", "stored", "korean"),
    [
        ("clock", "web: clock set back by 2 h", "web: 시계를 2시간 뒤로 맞춤"),
        ("version", "server daphne 4.1 → daphne 4.2", "서버 daphne 4.1 → daphne 4.2"),
    ],
)
def test_what_nodes_report_is_shown_in_the_readers_language_and_not_changed(admin_client, kind, stored, korean):
    marker = Marker.objects.create(kind=kind, text=stored)
    path = f"{LIST}{marker.pk}/change/"
    html = admin_client.get(path, headers={"Accept-Language": "ko"}).content.decode()
    assert korean in html
    assert stored not in html
    moment = {"at_0": "2026-01-02", "at_1": "12:00:00"}
    assert admin_client.post(path, {"text": "nothing", **moment}).status_code == 403
    marker.refresh_from_db()
    assert marker.text == stored


def test_the_path_to_a_list_names_monitoring_in_the_readers_language(admin_client):
    html = admin_client.get(LIST, headers={"Accept-Language": "ko"}).content.decode()
    crumbs = html.partition('class="breadcrumbs"')[2].partition("</")[2]
    assert ">아바타 모니터링</a>" in crumbs
