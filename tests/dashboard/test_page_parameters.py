"""Pages name what in their address means nothing there, and know all that their own links and scripts write into it."""

import pytest
from django.test import Client

from tests.dashboard.alerts import stored_alert

IGNORED = "This part of the address is ignored"
PAGES = {
    "/": "at=2026-01-02T12:00:00Z&window=900&from=2026-01-02T12:00:00Z&to=2026-01-02T12:05:00Z&whole=network&table=cpu"
    "&open=groups&sort=fps&order=asc&search=ann&verdict=fine&state=idle&page=2&tour=1",
    "/clients/": "sort=fps&order=asc&search=ann&verdict=fine&state=idle&page=2&open=groups",
    "/clients/ann/": "window=all&from=2026-01-02T12:00:00Z&to=2026-01-02T12:05:00Z&page=1&table=fps",
    "/trends/": "range=24h&compare=week&gone=shown&whole=network&table=cpu&open=sizes",
    "/alerts/rules/": "zone=utc",
    "/alerts/rules/cpu_percent/": "range=24h&enter=90&exit=80&for=5&keep=5&table=cpu",
    "/alerts/silences/": "kiosk=0",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_what_it_does_not_know(viewer: Client, path: str):
    page = viewer.get(f"{path}?rnage=24h&<b>=1").content.decode()
    assert "rnage: must be left out, this page knows " in page
    assert "&lt;b&gt;: must be left out" in page
    assert IGNORED in page


@pytest.mark.parametrize(("path", "query"), PAGES.items())
def test_what_a_page_writes_itself_and_what_campaigns_add_is_let_be(viewer: Client, path: str, query: str):
    response = viewer.get(f"{path}?{query}&utm_source=mail&fbclid=x")
    assert response.status_code == 200
    assert IGNORED not in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/clients/ann/"])
@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("window=42", "window=42: must be one of 60, 300, 900, 3600"),
        ("from=yesterday&to=2026-01-02T12:05:00Z", "from=yesterday: must be a moment such as 2026-11-23T14:00:00Z"),
        ("from=2026-01-02T12:05:00Z&to=2026-13-02T12:05:00Z", "to=2026-13-02T12:05:00Z: must be a moment"),
        ("to=2026-01-02T12:05:00Z", "to=2026-01-02T12:05:00Z: needs from= as well"),
        ("from=2026-01-02T12:05:00Z", "from=2026-01-02T12:05:00Z: needs to= as well"),
        ("from=2026-01-02T12:05:00Z&to=2026-01-02T12:00:00Z", "from=2026-01-02T12:05:00Z: must begin before its end"),
        ("from=٢٠٢٦-01-02T12:05:00Z&to=x", "must be a moment"),
        ("from=2026-01-02T12:05:00Z&to=2026-01-02T24:00:00Z", "to=2026-01-02T24:00:00Z: must be a moment"),
        ("from=2026-01-02T12:05:00Z&to=2026-02-30T12:00:00Z", "to=2026-02-30T12:00:00Z: must be a moment"),
        ("from=0000-01-02T12:05:00Z&to=2026-01-02T12:05:00Z", "from=0000-01-02T12:05:00Z: must be a moment"),
        ("from=2026-01-01T12:05:00Z&to=2026-01-02T12:00:00-09:60", "to=2026-01-02T12:00:00-09:60: must be a moment"),
        ("window=42&window=60", "window=42: must be one of 60, 300, 900, 3600"),
        ("from=x&to=2026-01-02T12:05:00Z&from=2026-01-02T12:00:00Z", "from=x: must be a moment"),
    ],
)
def test_a_stretch_that_cannot_be_shown_is_named(viewer: Client, path: str, query: str, problem: str):
    page = viewer.get(f"{path}?{query}").content.decode()
    assert problem in page
    assert IGNORED in page


def test_of_what_is_given_twice_the_first_counts_as_for_the_scripts(viewer: Client):
    query = "window=60&window=42&from=2026-01-02T12:05:00Z&from=x&to=2026-01-02T12:06:00Z&to=y"
    assert IGNORED not in viewer.get(f"/?{query}").content.decode()


def test_other_zones_are_let_be_and_so_is_a_plus_sign_that_was_read_as_a_space(viewer: Client):
    page = viewer.get("/?from=2026-01-02T12:05:00+09:00&to=2026-01-02T12:06:00.5Z&window=3600").content.decode()
    assert IGNORED not in page


def test_the_page_of_an_alert_names_it_too(viewer: Client):
    path = f"/alerts/{stored_alert().pk}/"
    assert IGNORED in viewer.get(f"{path}?rnage=24h").content.decode()
    assert IGNORED not in viewer.get(f"{path}?table=cpu").content.decode()


def test_an_export_of_trends_is_refused_as_that_of_alerts_is(viewer: Client):
    for name in ("trends", "alerts", "sessions"):
        response = viewer.get(f"/{name}/export/?rnage=24h")
        assert response.status_code == 400
        assert "rnage: must be left out" in response.content.decode()
