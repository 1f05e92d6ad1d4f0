"""A project's own gauges on the live page and on the trends page, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import accessibility_faults, complaints, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e


@pytest.fixture
def site(tmp_path):
    with running_site(tmp_path) as site:
        site.migrate()
        site.daphne(application="tests.e2e.gauged:application")
        yield site


def test_they_have_charts_now_and_in_history(site, browser):
    page = browser.new_page()
    wrong = complaints(page)
    sign_in(page, site, "/")
    charts = page.locator("#own-gauges .chart")
    expect(charts).to_have_count(2)
    expect(charts.nth(0).locator("h2")).to_contain_text("Orders, waiting")
    plot = charts.nth(0).locator(".plot__image")
    expect(plot).to_have_attribute("aria-label", re.compile(r"Orders, waiting: now \d+ orders, lowest \d+ orders"))
    expect(charts.nth(1).locator(".plot__image")).to_have_attribute("aria-label", re.compile("Balance: now -0.25"))
    assert accessibility_faults(page) == []
    site.manage("store_history")
    page.goto(f"{site.url}/trends/?range=1h")
    expect(page.locator("#orders_waiting h2")).to_contain_text("Orders, waiting")
    expect(page.locator("#balance h2")).to_contain_text("Balance")
    assert wrong == []
