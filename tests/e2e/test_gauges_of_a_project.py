"""A project's own gauges on the live page and on the trends page, and a spike among what it measures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import KEEP_TEXTS, accessibility_faults, complaints, sign_in, texts_of
from tests.site import eventually, running_site

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("gauges")) as site:
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


def test_a_spike_on_the_network_is_cut_off_and_marked_and_a_click_shows_all_of_it(site, browser):
    page = browser.new_page()
    page.add_init_script(KEEP_TEXTS)
    wrong = complaints(page)
    sign_in(page, site, "/")
    chart = page.locator("#charts .chart").filter(has=page.get_by_role("heading", name="Network"))
    expect(chart.locator(".plot__image")).to_have_attribute("aria-label", re.compile("KB/s"))
    peak = chart.locator(".plot__peak")
    expect(peak).to_be_hidden()
    with (site.directory / "data" / "burst").open("wb") as burst:
        burst.truncate(77_000_000)
    # It is a spike only among enough seconds without one.
    expect(peak).to_be_visible(timeout=120_000)
    # The machine's whole traffic: the burst in one second or in two, and whatever else is sent meanwhile.
    expect(peak).to_have_text(re.compile(r"peak (\d{3}|[3-9]\d(\.\d)?) MB/s"))
    assert "MB/s" not in texts_of(chart)
    for is_whole in (True, False):
        peak.click()
        expect(peak).to_have_attribute("aria-pressed", str(is_whole).lower())
        eventually(lambda whole=is_whole: ("MB/s" in texts_of(chart)) is whole, what=lambda: texts_of(chart))
    assert wrong == []
