import re
from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.models import JournalCursor, Silence
from tests.dashboard.alerts import stored_alert
from tests.dashboard.test_views import body

pytestmark = pytest.mark.django_db
PAGES = ["/", "/clients/", "/clients/ann/", "/alerts/", "/alerts/silences/", "/trends/", "/api/docs"]


def waiting(viewer) -> dict:
    return viewer.get("/alerts/waiting.json").json()


def test_it_counts_what_fires_and_nobody_has_answered(viewer):
    now = timezone.now()
    stored_alert("over")
    stored_alert("waits", lasted=None)
    stored_alert("seen", lasted=None, acknowledged_at=now, acknowledged_by="kim")
    stored_alert("hidden", lasted=None)
    Silence.objects.create(
        matchers={"subject": "hidden"}, reason="x", by="kim", starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    told = waiting(viewer)
    assert told["count"] == 1
    assert [group["text"] for group in told["groups"]] == ["CPU of waits is 91 %, the limit is 80 %"]


def test_a_group_is_all_alerts_of_a_rule_the_most_severe_first(viewer):
    stored_alert("a", lasted=None)
    stored_alert("b", lasted=None)
    worst = stored_alert("c", lasted=None, metric="latency_ms", severity="critical")
    groups = waiting(viewer)["groups"]
    assert [(group["rule"], group["count"]) for group in groups] == [("latency_ms", 1), ("cpu_percent", 2)]
    assert groups[0]["url"] == f"/alerts/{worst.pk}/"
    assert groups[1]["text"].startswith("CPU: 2 alerts. CPU of a")


def test_alerts_that_no_node_measures_are_named(viewer):
    stored_alert("fleet", lasted=None, scope="fleet", rule="few", metric="fps")
    stored_alert("vm", lasted=None)
    assert waiting(viewer)["others"] == [["few", "fleet"]]


def test_what_is_not_known_to_fire_does_not_wait(viewer):
    JournalCursor.objects.create(stream="avatar:journal", drained_at=timezone.now() - timedelta(hours=2))
    stored_alert(ago=180, lasted=None)
    assert waiting(viewer)["count"] == 0


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_same_number_in_title_and_icon(viewer, path):
    assert not re.search(r"<title>\(", body(viewer.get(path)))
    for number in range(12):
        stored_alert(f"vm-{number}", lasted=None)
    page = body(viewer.get(path))
    assert "<title>(12) " in page
    assert 'href="/alerts/icon.svg?count=10"' in page


def test_the_icon_shows_the_number(client):
    for count, text in (("3", ">3<"), ("10", ">9+<"), ("x", ">0<"), ("9" * 40, ">0<")):
        response = client.get(f"/alerts/icon.svg?count={count}")
        assert response["Content-Type"] == "image/svg+xml"
        assert text in response.content.decode()


def test_without_history_it_counts_what_this_process_measures(viewer, settings):
    settings.REDIS_URL = None
    stored_alert(lasted=None)
    assert waiting(viewer) == {"count": 0, "groups": [], "others": []}


def test_it_is_for_viewers(stranger, client):
    assert client.get("/alerts/waiting.json").status_code == 401
    assert stranger.get("/alerts/waiting.json").status_code == 403
