"""The page of one client: who it is, how it is doing second by second, and what it did once it has left."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, chromium, complaints, sign_in
from tests.site import eventually, running_site

pytestmark = pytest.mark.e2e

CLIENT = "ada-1"
OTHERS = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("client")) as site, ExitStack() as connections:
        site.migrate()
        site.daphne()
        for number in range(OTHERS):
            connections.enter_context(site.avatar(f"client_id=bob-{number}"))
        site.client = connections.enter_context(site.avatar(f"client_id={CLIENT}"))
        yield site


@pytest.fixture(scope="module")
def page(site):
    """A signed-in operator's tab, in which no script fails and the policy blocks nothing."""
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
        sign_in(page, site, "/clients/")
        errors = page.errors = complaints(page)
        page.goto(f"{site.url}/clients/{CLIENT}/")
        yield page
        assert errors == []


def fact(page: Page, name: str):
    return page.locator(f'[data-fact="{name}"]')


def chart(page: Page, title: str):
    return page.get_by_role("img", name=re.compile(f"^{title}: last "))


def test_it_says_who_the_client_is_and_how_it_is_doing(page):
    expect(page.locator("#client-now [data-state]")).to_have_text("connected")
    expect(fact(page, "remote")).to_have_text("127.0.0.1")
    expect(fact(page, "path")).to_have_text("/ws/avatar/")
    expect(fact(page, "browser")).to_have_text(re.compile(r"^websockets \d+$"))
    expect(fact(page, "since")).to_contain_text(" s (")


def test_its_charts_grow_second_by_second_and_what_is_not_known_is_explained(site, page):
    for _ in range(3):
        site.client.send('{"type": "say", "text": "hello"}')
        page.wait_for_timeout(1_000)
    for title in ("Messages", "Bytes"):
        expect(chart(page, title)).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^FPS"))).to_be_hidden()
    expect(page.locator("#client-unknown")).to_contain_text("its client library does not report frames")


def test_its_place_is_among_all_clients_that_are_measured(page):
    # A client is pinged within five seconds.
    expect(fact(page, "latency-place")).to_have_text(re.compile(r"of 3 other clients"))


@SCREENS
def test_it_is_usable_in_both_themes_and_on_a_phone(page, screens):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_faults(page) == []
        page.screenshot(path=SCREENSHOTS / f"client-{scheme}-{width}.png", full_page=True)


def test_the_range_is_chosen_by_keyboard_and_a_part_of_it_by_dragging(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    hour = page.get_by_role("button", name="1 h", exact=True)
    hour.focus()
    hour.press("Enter")
    expect(hour).to_have_attribute("aria-pressed", "true")
    area = chart(page, "Messages").locator(".u-over").bounding_box()
    middle = area["y"] + area["height"] / 2
    page.mouse.move(area["x"] + area["width"] * 0.5, middle)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.9, middle, steps=4)
    page.mouse.up()
    back = page.get_by_role("button", name="Back to now")
    expect(back).to_be_visible()
    back.click()
    expect(back).to_be_hidden()


def test_once_it_has_left_its_history_stays(site, page):
    site.client.close()
    expect(page.locator("#client-now [data-state]")).to_have_text("not connected")
    expect(page.locator("#client-now [data-since]")).to_have_text("Last connected")
    expect(fact(page, "since")).not_to_contain_text("(")
    eventually(lambda: "stored" in site.manage("store_history"), what="its session in the database")

    def is_known() -> bool:
        page.goto(f"{site.url}/clients/{CLIENT}/")
        expect(page.locator("#client-now [data-state]")).to_have_text("not connected")
        return chart(page, "Messages").is_visible()

    # The last batch is in the journal within five seconds.
    eventually(is_known, seconds=30, every=1, what="the chart of a client that has left")
    expect(fact(page, "path")).to_have_text("/ws/avatar/")


def test_the_past_is_asked_for_again_until_the_journal_can_be_read(site, page):
    answers = [{"status": 503, "json": {"error": "Cannot read the journal because Redis does not answer"}}]
    page.route("**/past/?*", lambda route: route.fulfill(**answers.pop()) if answers else route.continue_())
    # The browser itself complains about a 503.
    before = len(page.errors)
    page.reload()
    expect(page.locator("#client-note")).to_have_text(
        "The past cannot be shown: Cannot read the journal because Redis does not answer."
    )
    expect(page.locator("#client-note")).to_be_hidden(timeout=10_000)
    assert [error for error in page.errors[before:] if "503" not in error] == []
    del page.errors[before:]
    page.unroute("**/past/?*")
