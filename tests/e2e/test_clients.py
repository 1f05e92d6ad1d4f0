"""The list of clients: sorted, filtered, searched and chosen, as its address says, and usable on a phone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, complaints, sign_in
from tests.site import PASSWORD, running_site

pytestmark = pytest.mark.e2e

STEADY = ("ada", "bob", "eve")
SLOWEST, VISITOR = "mia", "zoe"
TELEMETRY = '{"type": "telemetry", "fps": %s, "frame_time_ms": %s, "hidden": false}'
MOST_CLICKS = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Four avatars, one of which draws very slowly."""
    limits = {"AVATAR_STALE_CLIENT_SECONDS": "3600", "AVATAR_NOISY_CLIENT_MESSAGES": "5"}
    with running_site(tmp_path_factory.mktemp("clients"), **limits) as site, ExitStack() as connections:
        site.migrate()
        site.daphne()
        site.avatars = {}
        for name in (*STEADY, SLOWEST):
            site.avatars[name] = connections.enter_context(site.avatar(f"client_id={name}"))
        draw(site)
        yield site


def draw(site) -> None:
    for name, avatar in site.avatars.items():
        avatar.send(TELEMETRY % ((6.0, 166.0) if name == SLOWEST else (60.0, 16.7)))


@contextmanager
def drawing(site) -> Iterator[None]:
    """The avatars tell how they draw each second, as clients do: a page is not judged by what is older."""
    ended = Event()

    def go_on() -> None:
        while not ended.wait(1):
            draw(site)

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def page(site, browser: Browser):
    """A signed-in operator's tab, in which no script fails and the policy blocks nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page = context.new_page()
    sign_in(page, site, "/clients/")
    errors = complaints(page)
    yield page
    assert errors == []
    context.close()


def names(page: Page) -> list[str]:
    return page.locator("#clients tbody .table__key a").all_inner_texts()


def expect_names(page: Page, *wanted: str) -> None:
    # Who has just left may still be there in the past.
    shown = page.locator("#clients tbody .table__key a").filter(has_not_text=VISITOR if VISITOR not in wanted else "-")
    expect(shown).to_have_text(list(wanted))


def head(page: Page, name: str):
    return page.get_by_role("columnheader", name=name)


def chip(page: Page, text: str):
    return page.locator("[data-chips] .chip", has_text=text)


def test_a_column_sorts_the_useful_way_first_and_a_second_click_reverses_it(page):
    head(page, "FPS").get_by_role("button").click()
    expect(page.locator("#clients tbody tr").first).to_contain_text(SLOWEST)
    expect(head(page, "FPS")).to_have_attribute("aria-sort", "ascending")
    expect(page).to_have_url(re.compile(r"\?sort=fps&order=asc$"))
    head(page, "FPS").get_by_role("button").click()
    expect(page.locator("#clients tbody tr").last).to_contain_text(SLOWEST)
    expect(head(page, "FPS")).to_have_attribute("aria-sort", "descending")


def test_every_column_is_sorted_on_the_server(page):
    # Reading the order of every column at once is what the server's own tests do; here none may be refused.
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "The server:" in message.text else None)
    for button in page.locator("#clients thead button:visible").all():
        button.click()
        expect(page.locator("#clients thead [aria-sort]")).to_have_count(1)
    page.wait_for_timeout(1_200)
    assert refused == []
    expect(page.locator("#clients tbody tr")).to_have_count(len(STEADY) + 1)


def test_chips_count_all_clients_and_filter(page):
    expect(chip(page, "all").locator(".chip__count")).to_have_text("4")
    expect(chip(page, "low FPS").locator(".chip__count")).to_have_text("1")
    chip(page, "low FPS").click()
    expect_names(page, SLOWEST)
    expect(chip(page, "all").locator(".chip__count")).to_have_text("4")
    expect(page.locator("[data-shown]")).to_have_text("showing 1–1 of 1 found, 4 in total")


def test_back_and_reload_and_a_shared_link_show_the_same(site, page):
    page.goto(f"{site.url}/clients/")
    head(page, "Client").get_by_role("button").click()
    expect_names(page, "ada", "bob", "eve", "mia")
    chip(page, "low FPS").click()
    expect_names(page, SLOWEST)
    page.go_back()
    expect_names(page, "ada", "bob", "eve", "mia")
    expect(page).to_have_url(f"{site.url}/clients/?sort=client_id&order=asc")
    page.go_forward()
    expect_names(page, SLOWEST)
    page.reload()
    expect_names(page, SLOWEST)
    expect(chip(page, "low FPS")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{site.url}/clients/?sort=client_id&order=desc&search=B")
    expect_names(page, "mia", "eve", "bob", "ada")  # their browser is websockets
    page.goto(f"{site.url}/clients/?sort=client_id&order=desc&search=DA")
    expect_names(page, "ada")
    expect(page.locator("#client-search")).to_have_value("DA")


def test_the_search_finds_paths_and_addresses_whatever_the_case(site, page):
    page.goto(f"{site.url}/clients/?sort=client_id")
    for text, found in (("/WS/AVATAR", 4), ("127.0.0", 4), ("EVE", 1), ("nothing like it", 0)):
        page.locator("#client-search").fill(text)
        expect(page.locator("#clients tbody tr")).to_have_count(found)
    page.get_by_role("button", name="Show all clients").click()
    expect(page.locator("#client-search")).to_have_value("")
    expect(page).to_have_url(f"{site.url}/clients/?sort=client_id&order=asc")


def test_what_is_not_allowed_in_an_address_is_named(site, page):
    page.goto(f"{site.url}/clients/?sort=shoe_size&page=0")
    expect(page.locator("[data-problem]")).to_contain_text("sort=shoe_size is not known. Allowed are client_id,")
    expect(page.locator("[data-problem]")).to_contain_text("page=0 is no page number")
    expect(page.locator("#clients tbody tr")).to_have_count(4)


def test_rows_are_chosen_with_shift_and_the_choice_outlives_updates_and_searches(site, page):
    page.goto(f"{site.url}/clients/?sort=client_id")
    page.get_by_label("Choose ada").click()
    page.get_by_label("Choose eve").click(modifiers=["Shift"])
    expect(page.locator("#chosen-count")).to_have_text("3 chosen")
    page.locator("#client-search").fill("mia")
    expect_names(page, "mia")
    page.get_by_label("Choose all shown").check()
    expect(page.locator("#chosen-count")).to_have_text("4 chosen")
    page.get_by_role("button", name="Copy ids").click()
    expect(page.get_by_text("4 lines copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split() == ["ada", "bob", "eve", "mia"]
    page.get_by_role("button", name="Copy links").click()
    expect(page.get_by_text("4 lines copied")).to_have_count(2)
    assert page.evaluate("navigator.clipboard.readText()").split()[3] == f"{site.url}/clients/mia/"
    expect(page.get_by_role("link", name="Their alerts")).to_have_attribute(
        "href", "/alerts/?client=ada&client=bob&client=eve&client=mia"
    )
    page.get_by_role("button", name="Choose none").click()
    expect(page.locator("#chosen-tools")).to_be_hidden()


def test_rows_keep_their_place_while_one_of_them_has_the_focus(site, page):
    page.goto(f"{site.url}/clients/?sort=client_id&order=desc")
    expect_names(page, "mia", "eve", "bob", "ada")
    page.get_by_label("Choose bob").focus()
    with site.avatar(f"client_id={VISITOR}"):
        expect(chip(page, "all").locator(".chip__count")).to_have_text("5")
        assert names(page)[:4] == ["mia", "eve", "bob", "ada"]
        page.locator("#client-search").focus()
        expect_names(page, VISITOR, "mia", "eve", "bob", "ada")
        page.get_by_label("Choose bob").focus()
    expect(page.locator("#clients tbody tr[data-gone]")).to_contain_text(VISITOR)
    assert names(page)[3] == "bob"
    page.locator("#client-search").focus()
    expect(page.locator("#clients tbody tr")).to_have_count(4)
    expect_names(page, "mia", "eve", "bob", "ada")


def test_by_keys_the_focus_is_never_lost(site, page):
    page.goto(f"{site.url}/clients/?sort=client_id")
    page.get_by_label("Choose ada").press("Space")
    page.get_by_role("button", name="Choose none").press("Enter")
    expect(page.locator("#chosen-tools")).to_be_hidden()
    expect(page.locator("#clients :focus")).to_be_visible()
    page.goto(f"{site.url}/clients/?search=nobody-has-it")
    page.locator("[data-clear-search]:visible").press("Enter")
    expect_names(page, "ada", "bob", "eve", "mia")
    expect(page.locator("#clients :focus")).to_be_visible()
    page.goto(site.url)
    page.get_by_role("button", name="−10 s").press("Enter")
    page.locator("#to-live").press("Enter")
    expect(page.locator("#pause")).to_be_focused()
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    expect(page.locator("#pause")).to_be_focused()


def test_an_open_panel_is_open_for_whoever_gets_the_link(site, page):
    page.goto(f"{site.url}/clients/?sort=client_id")
    page.locator("#groups summary").press("Enter")
    expect(page).to_have_url(f"{site.url}/clients/?sort=client_id&open=groups")
    expect(page.get_by_role("region", name="Clients by path")).to_be_visible()
    page.reload()
    expect(page.get_by_role("region", name="Clients by path")).to_be_visible()
    page.locator("#groups summary").press("Enter")
    expect(page).to_have_url(f"{site.url}/clients/?sort=client_id")


@SCREENS
def test_on_a_phone_each_client_is_a_card_with_all_columns(site, page, screens):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.goto(f"{site.url}/clients/")
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("#clients tbody tr")).to_have_count(4)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_faults(page) == []
        page.screenshot(path=SCREENSHOTS / f"clients-{scheme}-{width}.png")
    page.set_viewport_size({"width": 360, "height": 900})
    card = page.locator("#clients tbody tr").first
    for label in ("State", "Verdict", "Latency", "Latency p95", "Jitter", "FPS", "Messages/s", "Last message", "Node"):
        expect(card.locator(f'[data-label="{label}"]')).to_be_visible()
    top = [card.locator(f'[data-label="{label}"]').bounding_box()["y"] for label in ("State", "Verdict", "Latency")]
    assert top[0] == top[1] < top[2]
    expect(page.get_by_label("Sort by")).to_have_value("message_count")
    page.get_by_label("Sort by").select_option("FPS")
    expect(card).to_contain_text(SLOWEST)
    page.get_by_role("button", name="Reverse the order").click()
    expect(page.locator("#clients tbody tr").last).to_contain_text(SLOWEST)
    page.goto(f"{site.url}/sessions/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_id_that_nobody_ever_had_is_said_to_be_unknown(site, page):
    page.goto(f"{site.url}/clients/nobody-of-this-name/")
    expect(page.locator("#client-now [data-why]")).to_contain_text("Nothing is known of a client with this id")


def test_the_past_keeps_order_and_search_in_its_address(site, page):
    page.set_viewport_size({"width": 1280, "height": 900})
    second = int(time.time()) - 1
    page.wait_for_timeout(1_000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
    page.goto(f"{site.url}/?at={stamp}&sort=client_id&order=desc&search=WS")
    expect(page.locator("body[data-past]")).to_have_count(1)
    expect_names(page, "mia", "eve", "bob", "ada")
    head(page, "Connected for").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"at=.*&sort=connection_duration&order=desc&search=WS$"))
    expect(head(page, "Jitter")).to_be_hidden()
    page.go_back()
    expect_names(page, "mia", "eve", "bob", "ada")


class Clicks:
    """A cold browser in which each click counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def click(self, locator) -> None:
        self.number += 1
        locator.click()


def test_which_client_is_slowest_and_why_takes_three_clicks_from_a_cold_browser(site, browser, capsys):
    """Sign in, sort by frames, open the client: its page says the verdict with its numbers."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    operator, began = Clicks(page), time.monotonic()
    with drawing(site):
        page.goto(f"{site.url}/clients/")
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", PASSWORD)
        operator.click(page.get_by_role("button", name="Sign in"))
        operator.click(head(page, "FPS").get_by_role("button"))
        slowest = page.locator("#clients tbody tr").first
        expect(slowest).to_contain_text(SLOWEST)
        operator.click(slowest.get_by_role("link"))
        expect(page.locator("#client-now [data-verdict]")).to_have_text("page is busy")
        expect(page.locator("#client-now [data-why]")).to_contain_text("166 ms a frame")
    seconds = time.monotonic() - began
    assert operator.number <= MOST_CLICKS
    with capsys.disabled():
        print(f"\n  slowest client and why: {operator.number} clicks, {seconds:.1f} s")
    page.context.close()


def test_who_sends_much_is_found_by_one_chip(site, page):
    page.goto(f"{site.url}/clients/")
    expect_names(page, "ada", "bob", "eve", "mia")  # rates are known a second after the first look
    for _ in range(100):
        site.avatars["bob"].send(TELEMETRY % (60.0, 16.7))
    expect(chip(page, "noisy").locator(".chip__count")).to_have_text("1")
    chip(page, "noisy").click()
    expect_names(page, "bob")
    expect(page.locator("#clients tbody tr .badge").first).to_have_text("noisy")
