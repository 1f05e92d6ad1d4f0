"""An operator disconnects an avatar that plays in another browser, and finds it among those who left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENSHOTS, accessibility_faults, complaints, sign_in
from tests.site import Site, eventually, running_site

pytestmark = pytest.mark.e2e
SHEET = {"width": 718, "height": 1000}
"""What a browser has within the margins of A4."""
STORE = "from django.core.management import call_command; call_command('store_history', verbosity=0)"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("sessions")) as site:
        site.migrate()
        site.daphne()
        yield site


def opened(site: Site, browser, path: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    page.errors = complaints(page)
    page.goto(f"{site.url}{path}")
    return page


def sticks_out(page: Page) -> list[str]:
    """Which of the filter's menus, when they are open, lie beside the page or do not hold their fields."""
    found = []
    for menu in page.locator("#filter details").all():
        menu.locator("summary").click()
        is_beside = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        boxes = [item.bounding_box() for item in (menu.locator(".menu"), *menu.locator(".menu input").all())]
        ends = [box["x"] + box["width"] for box in boxes]
        if is_beside or max(ends) > ends[0]:
            found.append(menu.locator("summary").inner_text())
        menu.locator("summary").click()
    return found


def broken_words(page: Page) -> list[str]:
    """The words of a table's head that a line ends within, and whether the table is wider than the page."""
    found: list[str] = page.evaluate("""() => [...document.querySelectorAll(".table th")].flatMap((head) => {
        const text = document.createTreeWalker(head, NodeFilter.SHOW_TEXT).nextNode();
        return [...text.data.matchAll(/[\\w.]+/g)].filter(({ 0: word, index }) => {
            const range = document.createRange();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
        }).map(([word]) => word);
    })""")
    return found + (["too wide"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else [])


def test_a_client_that_was_disconnected_stays_away_and_is_found_among_those_who_left(site, browser):
    avatar = opened(site, browser, "/avatar/?name=ada")
    expect(avatar.locator("#connection-text")).to_have_text("Live")
    operator = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    operator.errors = complaints(operator)
    sign_in(operator, site, "/clients/")
    operator.locator("#clients tbody input").check()
    operator.get_by_role("button", name="Disconnect 1").click()
    expect(operator.locator("#disconnect-about")).to_contain_text(" on ")
    operator.fill("[name=reason]", "too loud")
    SCREENSHOTS.mkdir(exist_ok=True, parents=True)
    operator.screenshot(path=SCREENSHOTS / "disconnect.png")
    assert accessibility_faults(operator) == []
    operator.locator("#disconnect-submit").click()
    expect(operator.locator(".toast")).to_have_text("1 client disconnected")
    expect(avatar.locator("#banner-text")).to_contain_text("An operator of the site has ended this connection.")
    expect(operator.locator("#clients [data-empty=none]")).to_be_visible()

    def row() -> bool:
        site.shell(STORE)
        operator.goto(f"{site.url}/sessions/?range=1h")
        return operator.locator("td[data-label=Cause]", has_text="disconnected").count() == 1

    eventually(row)
    operator.screenshot(path=SCREENSHOTS / "sessions.png", full_page=True)
    assert accessibility_faults(operator) == []
    assert sticks_out(operator) == []
    operator.set_viewport_size({"width": 360, "height": 800})
    operator.emulate_media(color_scheme="dark")
    assert operator.evaluate("document.documentElement.scrollWidth") <= 360
    assert sticks_out(operator) == []
    operator.screenshot(path=SCREENSHOTS / "sessions-360-dark.png", full_page=True)
    assert accessibility_faults(operator) == []
    operator.set_viewport_size(SHEET)
    operator.emulate_media(media="print", color_scheme="light")
    assert broken_words(operator) == []
    operator.screenshot(path=SCREENSHOTS / "sessions-print.png", full_page=True)
    operator.emulate_media(media="screen")
    avatar.locator("#banner-retry").click()
    expect(avatar.locator("#connection-text")).to_have_text("Live")
    assert (operator.errors, avatar.errors) == ([], [])
    assert re.search("admin disconnected client", site.logs())
