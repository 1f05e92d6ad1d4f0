"""Going back in time on the live page: who was connected then, played forward, and back to the present."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, chromium, complaints, sign_in
from tests.site import eventually, running_site

pytestmark = pytest.mark.e2e

AVATARS = 5
GONE = "zoe-who-left"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with some avatars, one of which will leave."""
    with running_site(tmp_path_factory.mktemp("past")) as site, ExitStack() as connections:
        site.migrate()
        site.daphne()
        for number in range(AVATARS):
            connections.enter_context(site.avatar(f"client_id=ada-{number}"))
        site.gone = connections.enter_context(site.avatar(f"client_id={GONE}"))
        yield site


@pytest.fixture(scope="module")
def page(site):
    """A signed-in operator's tab, in which no script fails and the policy blocks nothing."""
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, timezone_id="Asia/Seoul", reduced_motion="reduce"
        )
        page = context.new_page()
        sign_in(page, site, "/")
        errors = complaints(page)
        expect(page.locator("#connection-text")).to_have_text("Live")
        yield page
        assert errors == []


def address(moment: float) -> str:
    return time.strftime("?at=%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def newest(page: Page) -> int:
    """The newest second that can be shown, 0 before there is one."""
    shown = page.get_by_label("Moment shown")
    return int(shown.get_attribute("max")) if shown.is_visible() else 0


def test_a_client_leaves_the_live_page(site, page):
    expect(page.locator("#clients tbody tr")).to_have_count(AVATARS + 1)
    eventually(lambda: newest(page), seconds=20, what="something in the journal")
    page.wait_for_timeout(2_000)
    site.gone.close()
    site.left_at = int(time.time())
    expect(page.locator("#clients tbody tr")).to_have_count(AVATARS)
    eventually(lambda: newest(page) > site.left_at, seconds=20, what="the client's last second in the journal")


def test_a_page_opened_now_requests_the_last_hour(page):
    with page.expect_response(re.compile(r"/live/past/\?from=\d+&to=\d+$")) as asked:
        page.reload()
    assert asked.value.json()["tier"] in ("second", "minute")
    expect(page.locator("[aria-label^='Clients: now']")).to_have_attribute(
        "aria-label", re.compile(f"highest {AVATARS + 1}")
    )
    expect(page.locator("#timeline")).not_to_contain_text("not available")


def test_an_address_leads_to_the_moment_and_the_clients_connected_then(site, page):
    page.goto(f"{site.url}/{address(site.left_at - 2)}")
    expect(page.locator("#live-title")).to_contain_text(re.compile(r"You are looking at \d\d:\d\d:\d\d, .* ago"))
    expect(page).to_have_title(re.compile(r"^(\(\d+\) )?At \d\d:\d\d:\d\d, .* ago"))
    expect(page.locator("#clients tbody tr", has_text=GONE)).to_contain_text("left")
    expect(page.locator("[data-card=connections] .figure__number")).to_have_text(str(AVATARS + 1))
    for name in ("viewers", "errors", "uptime", "total-messages"):
        expect(page.locator(f"#{name}")).to_have_text("–")
    expect(page.locator("#cost")).to_be_hidden()


def test_the_past_has_a_search_of_its_own(page):
    page.locator("#client-search").fill("ada-")
    expect(page.locator("#clients tbody")).not_to_contain_text(GONE)
    page.locator("#client-search").fill("who")
    expect(page.locator("#clients tbody tr")).to_have_count(1)
    page.locator("#client-search").fill("")
    expect(page.locator("#clients tbody")).to_contain_text("ada-")


@SCREENS
def test_the_past_is_sound_on_every_screen(page, screens):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=SCREENSHOTS / f"past-{scheme}{'' if width == 1280 else '-narrow'}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_faults(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_keys_step_and_play_until_the_newest_second(site, page):
    page.locator("#live-title").click()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(re.escape(address(site.left_at - 3))))
    page.get_by_label("Playback speed").select_option("10×")
    page.locator("#live-title").click()
    page.keyboard.press(" ")
    expect(page.locator("#past-note")).to_contain_text("newest second", timeout=30_000)
    expect(page.locator("#clients tbody")).not_to_contain_text(GONE)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_one_key_leads_back_to_live(site, page):
    page.keyboard.press("l")
    expect(page.locator("#live-title")).to_have_text("Live")
    expect(page).to_have_url(f"{site.url}/")
    expect(page).to_have_title(re.compile("Live"))
    expect(page.locator("#clients tbody tr")).to_have_count(AVATARS)
    expect(page.locator("#viewers")).to_have_text("1")


def test_a_link_that_is_copied_during_a_pause_leads_to_what_the_pause_shows(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#pause").click()
    page.get_by_role("button", name="Copy a link to exactly this view").click()
    expect(page.locator("[data-copy-link]")).to_have_attribute("title", "Copied")
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    expect(page).to_have_url(re.compile(r"[?&]at=\d{4}-"))
    expect(page.locator("#live-title")).to_contain_text("You are looking at")


def test_an_invalid_moment_is_named(site, page):
    page.goto(f"{site.url}/?at=yesterday")
    expect(page.locator("#past-note")).to_contain_text("at=yesterday is not a moment. Write it like 20")
    expect(page.locator("#live-title")).to_have_text("Live")
    assert accessibility_faults(page) == []
