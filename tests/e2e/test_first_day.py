"""The first things people do with the live page: an empty list, a pause, other ranges, by mouse and by keyboard."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard.past_columns import DIGITS
from tests.e2e.browser import SCREENSHOTS, accessibility_faults, chromium, complaints, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e

HIDE = """async (hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    // What was to be drawn already is drawn still.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site without any avatar."""
    with running_site(tmp_path_factory.mktemp("first-day")) as site:
        site.migrate()
        site.daphne()
        yield site


@pytest.fixture(scope="module")
def page(site):
    """A signed-in operator's tab, in which no script fails and the policy blocks nothing."""
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
        sign_in(page, site, "/")
        errors = complaints(page)
        expect(page.locator("#connection-text")).to_have_text("Live")
        yield page
        assert errors == []


def range_button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def past(route: Route) -> None:
    """The seconds before the page was opened, with hardly any memory used until two minutes before their end."""
    query = parse_qs(urlsplit(route.request.url).query)
    start, end = (int(float(query[name][0])) for name in ("from", "to"))
    times = list(range(start, end))
    known = {name: [None] * len(times) for name in DIGITS}
    columns = known | {"time": times, "memory_percent": [0.5 if time < end - 120 else 50 for time in times]}
    held = {"from": start - 3_600, "to": end}
    route.fulfill(json={"holds": held, "tier": "second", "step": 1, "columns": columns})


def test_the_empty_list_offers_a_command_that_reaches_this_very_site(page, site):
    command = page.locator("#simulate-command")
    expect(command).to_contain_text(
        f"manage.py simulate_avatars --count 25 --url ws://127.0.0.1:{site.port}/ws/avatar/"
    )
    assert accessibility_faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_command_fits_a_narrow_page(page, theme):
    page.emulate_media(color_scheme=theme)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.locator("#simulate-command").scroll_into_view_if_needed()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"first-day-{theme}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_space_pauses_after_a_click_on_a_range(page):
    pause = page.locator("#pause")
    range_button(page, "15 min").click()
    page.keyboard.press("Space")
    expect(pause).to_have_attribute("aria-pressed", "true")
    expect(range_button(page, "15 min")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(pause).to_have_attribute("aria-pressed", "false")


def test_space_presses_a_button_focused_by_keyboard(page):
    range_button(page, "15 min").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(range_button(page, "1 h")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(range_button(page, "15 min")).to_have_attribute("aria-pressed", "true")


def test_during_a_pause_a_range_shows_what_was_there_when_it_began(page, site):
    page.route("**/live/past/?*", past)
    page.goto(site.url)
    memory = page.get_by_role("img", name="Memory: now")
    expect(memory).to_have_attribute("aria-label", re.compile("lowest 0.5"))
    page.locator("#pause").click()
    was = memory.get_attribute("aria-label")
    range_button(page, "1 min").click()
    expect(memory).not_to_have_attribute("aria-label", re.compile("lowest 0.5"))
    range_button(page, "5 min").click()
    expect(page.locator("#behind")).to_contain_text(re.compile("paused, [2-9]"))
    assert memory.get_attribute("aria-label") == was
    page.locator("#pause").click()
    expect(page.locator("#behind")).to_have_text("")


def test_on_a_phone_cards_stand_in_pairs_and_charts_are_low(page, site):
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(site.url)
    assert (
        page.locator("[data-card]").evaluate_all("(cards) => new Set(cards.map((card) => card.offsetLeft)).size") == 2
    )
    assert page.locator("#charts .plot__image").first.bounding_box()["height"] == 160
    expect(page.locator("#connection-text")).to_have_text("Live")
    in_a_line = "parts => new Set(parts.map((part) => Math.round(part.offsetTop + part.offsetHeight / 2))).size"
    assert page.locator(".brand, .topbar__end").evaluate_all(in_a_line) == 1
    page.set_viewport_size({"width": 1280, "height": 900})


def test_each_card_and_chart_shows_the_last_minute_and_the_page_its_own_frame_rate(page, site):
    page.goto(site.url)
    drawn = page.locator("[data-card] .spark__line:first-child[d^=M]")
    expect(drawn).to_have_count(5)
    assert page.locator("[data-card]").count() == 6, "the sixth is the latency, which nobody measures without clients"
    exact = page.locator("[data-card=network] .figure").first
    expect(exact).to_have_attribute("title", re.compile(r"^[\d,]+ B/s$"))
    expect(page.locator("#page-fps")).to_have_text(re.compile(r"^\d+ FPS$"))
    toggle = page.get_by_role("button", name="Show Memory as a table")
    toggle.click()
    expect(page.locator("#table-live-memory tbody tr").first).to_contain_text(re.compile(r"\d\d:\d\d:\d\d.*%"))
    toggle.click()


def test_charts_share_the_cursor_and_a_stretch_that_is_drawn_over(page, site):
    page.goto(site.url)
    chart = page.locator("#charts .u-over").first
    expect(page.get_by_role("img", name="CPU: now")).to_be_visible()
    chart.scroll_into_view_if_needed()
    for leave in (lambda: page.keyboard.press("Escape"), lambda: chart.dblclick(position={"x": 40, "y": 60})):
        box = chart.bounding_box()
        right, y = box["x"] + box["width"], box["y"] + 60
        page.mouse.move(right - 8, y)
        expect(page.locator("#charts .plot__time:visible")).to_have_count(6)
        assert len(set(page.locator("#charts .plot__time").all_inner_texts())) == 1
        page.mouse.down()
        page.mouse.move(right - 40, y, steps=3)
        page.mouse.up()
        expect(page.locator("#zoom-reset")).to_be_visible()
        assert "from=" in page.url
        leave()
        expect(page.locator("#zoom-reset")).to_be_hidden()
        assert "from=" not in page.url


def test_what_no_longer_comes_is_not_shown_as_live(page, site):
    tab, flows = page.context.new_page(), [True]

    def between(client):
        server = client.connect_to_server()
        server.on_message(lambda message: client.send(message) if flows else None)

    tab.route_web_socket(re.compile("/ws/"), between)
    tab.goto(site.url)
    expect(tab.locator("#data-age")).to_have_text(re.compile(r"\d"))
    flows.clear()
    expect(tab.locator("#connection")).to_have_attribute("data-state", "stale")
    expect(tab.locator("#connection-text")).to_have_text("No new data")
    expect(tab.locator("#data-age")).to_have_text(re.compile(r"^([4-9]|\d\d) s$"))
    expect(tab.locator("body[data-stale]")).to_have_count(1)
    tab.goto(site.url)
    expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
    expect(tab.locator("#connection")).to_have_attribute("data-state", "stale")
    expect(tab.locator("#data-age")).to_have_text("")
    tab.close()


def test_the_first_numbers_come_with_the_page_and_turn_stale_without_a_connection(page, site):
    tab = page.context.new_page()
    tab.route_web_socket(re.compile("/ws/"), lambda _: None)
    tab.goto(site.url)
    for card in ("cpu", "network"):
        expect(tab.locator(f"[data-card={card}] .figure__number").first).to_have_text(re.compile(r"\d"))
    expect(tab.locator("body[data-stale]")).to_have_count(1)
    tab.close()


def test_a_hidden_tab_draws_nothing_until_it_is_shown(page, site):
    with page.expect_websocket() as opened:
        page.goto(site.url)
    uptime = page.locator("#uptime")
    expect(uptime).to_have_text(re.compile(r"\d"))
    page.evaluate(HIDE, True)
    shown = uptime.inner_text()
    for _ in range(3):
        opened.value.wait_for_event("framereceived")
    assert uptime.inner_text() == shown
    page.evaluate(HIDE, False)
    expect(uptime).not_to_have_text(shown)


def test_nothing_moves_for_readers_who_ask_for_that(page):
    duration = "getComputedStyle(document.getElementById('pause')).transitionDuration"
    assert page.evaluate(duration) == "0s"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(duration) != "0s"
    page.emulate_media(reduced_motion="reduce")


def test_printed_pages_have_no_buttons(page, site):
    page.goto(site.url)
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("#pause", ".topbar", "#client-search", ".footer"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("[data-card]").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.goto(f"{site.url}/alerts/")
    expect(page.locator("h1")).to_be_visible()
    for hidden in (".topbar", "#filter .chip >> nth=0", "#alert-search", "#desktop-button"):
        expect(page.locator(hidden)).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator("#alert-search")).to_be_visible()


def missing(route):
    route.fulfill(status=404)


def of_another_version(route):
    found = route.fetch()
    body = re.sub(r"(\.version\s*\?\?\s*)\w+(\)?\s*===\s*)\w+", r"\g<1>2\g<2>2", found.text())
    route.fulfill(response=found, body=body, headers={"content-type": "text/javascript"})


def test_a_chart_is_drawn_while_it_is_seen_and_for_paper(page, site):
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(site.url)
    chart = page.locator("#charts article", has=page.get_by_role("heading", name="Latency"))
    canvas = chart.locator("canvas")
    expect(canvas).to_be_attached()
    uptime = page.locator("#uptime")
    # The first drawing is made wherever the chart is.
    expect(uptime).not_to_have_text(uptime.text_content() or "")
    canvas.evaluate("""canvas => {
        const context = canvas.getContext("2d");
        const clear = context.clearRect.bind(context);
        canvas.dataset.drawn = "0";
        context.clearRect = (...box) => { canvas.dataset.drawn = Number(canvas.dataset.drawn) + 1; clear(...box); };
    }""")
    expect(uptime).not_to_have_text(uptime.text_content() or "")
    expect(canvas).to_have_attribute("data-drawn", "0")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(canvas).to_have_attribute("data-drawn", "1")
    chart.scroll_into_view_if_needed()
    expect(canvas).not_to_have_attribute("data-drawn", "1")
    assert canvas.evaluate("canvas => canvas.getContext('2d').lineJoin") == "bevel"
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize(
    ("script", "served"),
    [("live-page", missing), ("shared", missing), ("shared", of_another_version)],
    ids=["page missing", "shared part missing", "other version"],
)
def test_a_page_of_another_version_says_so_and_reloads_once(page, site, script, served):
    """Its scripts are missing there, or what it receives is not what it expects."""
    tab = page.context.new_page()
    loads = []
    tab.on("framenavigated", lambda frame: loads.append(frame.url))
    tab.route(f"**/avatar_monitoring/bundles/{script}-*.js", served)
    tab.goto(site.url)
    expect(tab.get_by_role("alert")).to_contain_text("The page is being reloaded")
    expect(tab.get_by_role("alert")).to_contain_text("Reload it in a minute", timeout=20_000)
    assert len(loads) == 2
    tab.close()
