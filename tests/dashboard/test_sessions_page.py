import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from tests.dashboard.test_views import body
from tests.monitoring.history import test_session_search
from tests.monitoring.history.test_session_search import session

pytestmark = pytest.mark.django_db
URL = reverse("avatar_monitoring:sessions")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(test_session_search, "NOW", timezone.now())


def test_it_works(viewer):
    session(
        "ann", cause="application_error", error="ValueError at app.py:7", close_code=1011, ended="application failed"
    )
    session("ben", lasted=None, user="kim")
    page = body(viewer.get(URL))
    assert "Application error" in page
    assert "ValueError at app.py:7" in page
    assert "application failed (1011)" in page
    assert "still open" in page
    assert f'href="{reverse("avatar_monitoring:client", args=["ann"])}"' in page
    assert "/?at=" in page
    assert ">Sessions</a>" in page


def test_a_stranger_sees_nothing(stranger, client):
    assert stranger.get(URL).status_code == 403
    assert client.get(URL).status_code == 302


def test_causes_have_chips_with_counts(viewer):
    session("ann", cause="client_lost")
    session("ben", ago=8, cause="client_lost")
    page = body(viewer.get(f"{URL}?range=1h"))
    assert '<bdi>Client lost</bdi> <span class="chip__count">2</span>' in page
    assert "?cause=client_lost&amp;range=1h" in page


def test_a_filter_that_finds_nothing_says_so_and_leads_back(viewer):
    assert "No session is stored" in body(viewer.get(URL))
    assert "No session matches this filter" in body(viewer.get(f"{URL}?client=nobody"))


def test_what_was_not_understood_is_named(viewer):
    assert "cause=bored: must be one of" in body(viewer.get(f"{URL}?cause=bored"))
    assert viewer.get(f"{URL}?before=soon").status_code == 400


def test_a_chosen_name_can_be_taken_away(viewer):
    session("ann")
    page = body(viewer.get(f"{URL}?client=ann&path=/ws/"))
    assert 'href="?path=%2Fws%2F"' in page
    assert 'href="?client=ann"' in page


def test_older_ones_are_a_link_away(viewer):
    for number in range(52):
        session(f"c{number}", ago=100 - number, lasted=1)
    page = body(viewer.get(URL))
    assert ">c51<" in page
    assert ">c1<" not in page
    older = page.split('rel="next" href="')[1].split('"')[0]
    assert ">c1<" in body(viewer.get(f"{URL}{older}"))


def test_what_the_filter_finds_can_be_exported(viewer):
    session("ann", cause="refused")
    session("ben", cause="client_lost")
    answer = viewer.get(reverse("avatar_monitoring:sessions-export") + "?cause=refused&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["client_id"], row["cause"]) for row in rows] == [("ann", "refused")]
    assert viewer.get(reverse("avatar_monitoring:sessions-export") + "?cause=x").status_code == 400


def test_how_a_session_ended_is_told_in_the_readers_language(viewer):
    session("ann", ended="client closed", close_code=1000)
    assert "client closed (1000)" in body(viewer.get(URL))
    with translation.override("ko"):
        assert "클라이언트가 닫음(1000)" in body(viewer.get(URL, headers={"accept-language": "ko"}))


def test_names_and_browsers_have_columns_that_are_wide_enough(viewer):
    session("avatar-12345", user_agent="Mozilla/5.0")
    page = body(viewer.get(URL))
    assert 'class="of-key"' in page
    assert "of-from" in page
