"""The page of docs/custom-dashboard.md, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import complaints, sign_in
from tests.site import eventually, running_site

pytestmark = pytest.mark.e2e

VALUES = "Chart.getChart('cpuChart').data.datasets[0].data"


@pytest.fixture
def site(tmp_path):
    with running_site(tmp_path, DJANGO_SETTINGS_MODULE="tests.e2e.custom_dashboard") as site:
        site.migrate()
        yield site


def drawn(page: Page) -> int:
    """How many values of the chart are known."""
    return page.evaluate(f"{VALUES}.filter((value) => value !== null).length")


def test_a_reader_who_signs_in_sees_the_cpu_grow_also_after_a_restart(site, browser):
    server = site.daphne()
    page = browser.new_context().new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: request.url.startswith((site.url, "ws:")) or elsewhere.append(request.url))
    sign_in(page, site, "/cpu/")
    wrong = complaints(page)
    expect(page.locator("#state")).to_have_text("live")
    eventually(lambda: drawn(page) >= 3, seconds=20)
    assert page.evaluate(f"{VALUES}.every((value) => value === null || (value >= 0 && value <= 100))")
    assert wrong == []

    server.terminate()
    server.wait(20)
    expect(page.locator("#state")).to_have_text("waiting for the server")
    site.daphne()
    expect(page.locator("#state")).to_have_text("live", timeout=40_000)
    eventually(lambda: drawn(page) >= 2, seconds=20)
    assert elsewhere == []
