"""The trends as a person uses them: zoom in and out, compare, read as a table, follow an alert and come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, complaints, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e

GENERATE = """
from datetime import timedelta
from django.utils import timezone
from tests.generated import generate
generate(timezone.now(), hours=timedelta(days=9), days=timedelta(0))
"""
FIRE = """
from django.utils import timezone
from monitoring.models import Alert
Alert.objects.filter(metric="cpu_percent").update(ended_at=timezone.now(), peak=99.5)
"""

RESTART = """
from monitoring.models import Minute
row = Minute.objects.filter(node="").order_by("-epoch")[700]
row.breakdowns["departures"]["server_stopped /ws/avatar/"] = 40_000
row.save()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("trends")) as site:
        site.migrate()
        site.shell(GENERATE)
        site.daphne()
        yield site


@pytest.fixture(scope="module")
def signed_in(site, browser):
    """The browser state of a signed-in operator."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, site, "/alerts/")
    yield context.storage_state()
    context.close()


@pytest.fixture
def page(site, browser, signed_in):
    """A tab in which no script fails and the policy blocks nothing."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": 1280, "height": 900},
        storage_state=signed_in,
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",
    )
    page = context.new_page()
    errors = complaints(page)
    yield page
    assert errors == []
    context.close()


def brush(page: Page, chart: str, begin: float, end: float) -> None:
    """Draws over a chart between two shares of its width."""
    box = page.locator(f"#{chart} .u-over").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * begin, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (begin + end) / 2, y)
    page.mouse.move(box["x"] + box["width"] * end, y)
    page.mouse.up()


def test_drawing_over_a_chart_loads_finer_data_and_going_back_is_easy(page):
    page.goto("/trends/?range=24h")
    expect(page.locator(".facts-line")).to_contain_text("one value per 2 min, from stored minutes")
    brush(page, "cpu", 0.6, 0.75)
    page.wait_for_url(re.compile(r"\?from=\d{4}-\d\d-\d\dT\d\d:\d\d:00Z&to="))
    zoomed = page.url
    expect(page.locator(".facts-line")).to_contain_text("one value per minute, from stored minutes")
    page.keyboard.press("Escape")
    page.wait_for_url("**/trends/?range=24h")
    page.go_back()
    page.wait_for_url(zoomed)
    page.locator("#memory .u-over").dblclick()
    page.wait_for_url("**/trends/?range=24h")


def test_it_is_compared_with_last_week_and_shown_as_a_table(page):
    page.goto("/trends/?range=7d")
    page.get_by_text("Compare", exact=True).click()
    page.get_by_role("link", name="The previous period").click()
    page.wait_for_url("**/trends/?range=7d&compare=previous")
    expect(page.locator("#cpu .legend")).to_contain_text("before")
    page.goto("/trends/?range=24h&compare=week&node=web-1%3A4211")
    expect(page.locator(".facts-line")).to_contain_text("node web-1:4211")
    expect(page.locator("#cpu .delta")).to_contain_text(re.compile("points|same"))
    toggle = page.get_by_role("button", name="Show CPU as a table")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("table", name="CPU, newest first")).to_be_visible()
    assert page.locator("#table-cpu tbody tr").count() > 600
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CPU as CSV").click()
    assert "cpu_percent" in Path(download.value.path()).read_text().splitlines()[1]


def test_marks_and_alerts_explain_what_happened_and_link_to_it(page):
    page.goto("/trends/?from=-6h&to=now#latency")
    box = page.locator("#latency .u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * (6 * 60 - 320) / 360, box["y"] + 40)
    expect(page.locator("#latency .plot__tip")).to_contain_text("release 2.4.1")
    page.locator("#latency .plot__rail a").click()
    page.wait_for_url(re.compile(r"/alerts/\d+/"))
    expect(page.locator("h1")).to_contain_text("Latency of")
    page.get_by_role("link", name=re.compile("^Trends around")).click()
    page.wait_for_url(re.compile(r"/trends/\?from=.*#latency"))
    expect(page.locator("#latency .plot__rail a")).to_have_count(1)


def test_a_double_click_on_an_alert_shows_the_whole_range_and_one_click_the_alert(page):
    page.goto("/trends/?range=24h")
    chart = page.locator("#latency .u-over")
    chart.scroll_into_view_if_needed()
    whole, alert = chart.bounding_box(), page.locator("#latency .plot__rail a").bounding_box()
    share = (alert["x"] + alert["width"] / 2 - whole["x"]) / whole["width"]
    brush(page, "latency", share - 0.02, share + 0.02)
    page.wait_for_url("**/trends/?from=*")
    middle = {"x": whole["width"] / 2, "y": 40}
    chart.dblclick(position=middle)
    page.wait_for_url("**/trends/?range=24h")
    page.go_back()
    page.wait_for_url("**/trends/?from=*")
    chart.click(position=middle)
    page.wait_for_url(re.compile(r"/alerts/\d+/"))


def test_departures_are_stacked_by_cause_and_can_be_read_as_a_table(page):
    page.goto("/trends/?range=24h#departures")
    legend = page.locator("#departures .legend")
    expect(legend.locator("li").first).to_contain_text("Client closed")
    whole = legend.locator(".legend__value").first.inner_text()
    bars = page.locator("#departures .u-over").bounding_box()
    page.mouse.move(bars["x"] + bars["width"] / 2, bars["y"] + bars["height"] - 2)
    expect(legend.locator(".legend__value").first).not_to_have_text(whole)
    toggle = page.get_by_role("button", name="Show Departures by cause as a table")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Departures by cause, newest first")).to_be_visible()
    assert page.locator("#table-departures tbody tr").count() > 40


def test_a_restart_that_hides_all_other_bars_is_marked_and_a_link_shows_it_as_the_reader_sees_it(site, page):
    site.shell(RESTART)
    page.goto("/trends/?range=24h#departures")
    peak = page.locator("#departures .plot__peak")
    expect(peak).to_have_text(re.compile(r"peak 40,\d\d\d"))
    expect(peak).to_have_attribute("title", re.compile(r"Server stopped 40,000.*\. Show the whole peak"))
    bars, mark = (page.locator(f"#departures {part}").bounding_box() for part in (".u-over", ".plot__peak"))
    page.mouse.move(mark["x"] + mark["width"] / 2, bars["y"] + bars["height"] - 20)
    tip = page.locator("#departures .plot__tip")
    expect(tip).to_contain_text(re.compile(r"40,\d\d\d in all, more than the scale shows"))
    expect(tip).to_contain_text("Server stopped 40,000")
    peak.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?range=24h&whole=departures#departures$"))
    page.mouse.move(mark["x"] + mark["width"] / 2, bars["y"] + bars["height"] - 30)
    expect(tip).to_be_hidden()
    page.get_by_role("button", name="Show Departures by cause as a table").press("Enter")
    expect(page).to_have_url(re.compile(r"\?range=24h&whole=departures&table=departures#departures$"))
    page.reload()
    table = page.get_by_role("table", name="Departures by cause, newest first")
    expect(table.get_by_role("columnheader", name="In all")).to_be_visible()
    expect(table.get_by_role("row").filter(has_text="40,000")).to_have_count(1)
    page.get_by_role("button", name="Show Departures by cause as a table").press("Enter")
    expect(peak).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(r"\?range=24h&whole=departures#departures$"))
    page.get_by_role("navigation", name="Range").get_by_role("link", name="7d").click()
    expect(page).to_have_url(re.compile(r"\?range=7d&whole=departures$"))
    page.get_by_text("Custom", exact=True).click()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("whole=departures"))


def test_a_range_is_typed_in_the_readers_time_zone(page):
    page.goto("/trends/?range=1h")
    page.get_by_text("Custom", exact=True).click()
    expect(page.locator("#range-form")).to_contain_text("From (UTC+9)")
    page.locator("[name=from]").fill("2026-01-02T21:00")
    page.locator("[name=to]").fill("2026-01-02T22:30")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("from=2026-01-02T12%3A00%3A00Z&to=2026-01-02T13%3A30%3A00Z"))
    expect(page.locator("main")).to_contain_text("Nothing was stored in this range")


def test_the_alerts_page_updates_itself_and_keeps_the_focus(site, page):
    page.clock.install()
    page.goto("/alerts/")
    link = page.locator("#alerts a").last
    link.focus()
    expect(page.locator(".panel--firing")).to_have_count(1)
    site.shell(FIRE)
    page.clock.fast_forward(31_000)
    expect(page.locator("#alerts")).to_contain_text("reached 99.5 %, above the limit of 80 %")
    expect(page.locator(".panel--firing")).to_have_count(0)
    expect(link).to_be_focused()


@SCREENS
def test_the_page_is_sound(page, screens):
    page.goto("/trends/?range=24h&compare=week")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"trends-day-{scheme}{'' if width == 1280 else '-narrow'}.png")
        check(page, width)
    page.goto("/trends/?range=1h")
    page.locator("#memory [aria-controls]").click()
    page.get_by_text("Custom", exact=True).click()
    check(page, 360)
    page.goto("/trends/?from=-300d&to=-299d")  # nothing happened then
    expect(page.locator("#mark-command")).to_be_visible()
    check(page, 360)


def check(page: Page, width: int) -> None:
    """Nothing scrolls sideways, and the page is accessible."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert accessibility_faults(page) == []
