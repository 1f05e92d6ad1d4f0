"""A reader chooses a language under the globe: by keys, without scripts, on a phone, and stays on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import accessibility_faults, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e
FILTERED = "/alerts/?severity=warning"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("languages")) as site:
        site.migrate()
        site.daphne()
        yield site


def test_a_language_is_chosen_by_keys_on_a_phone_without_scripts(site, browser):
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, site, FILTERED)
    globe = page.get_by_label("Language").first
    globe.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="한국어")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("경보")
    assert page.url == f"{site.url}{FILTERED}"
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.goto(f"{site.url}/sessions/")
    expect(page.locator("h1")).to_have_text("세션")


def test_the_choice_is_accessible_and_keeps_what_scripts_made_of_the_address(site, browser):
    page = browser.new_context(
        viewport={"width": 360, "height": 800}, locale="ko-KR", reduced_motion="reduce"
    ).new_page()
    page.goto(f"{site.url}/login/")
    assert accessibility_faults(page) == []
    sign_in(page, site, "/clients/")
    page.evaluate("history.replaceState(null, '', '/clients/?sort=fps')")
    page.locator(".top-menu summary").click()
    assert accessibility_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Clients")
    assert "sort=fps" in page.url
    page.locator(".top-menu summary").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="English")).to_be_hidden()


def test_the_globe_looks_alike_on_pages_whose_own_menus_have_an_arrow(site, browser):
    page = browser.new_page()
    sign_in(page, site, "/trends/")
    arrow = "element => getComputedStyle(element, '::after').content"
    assert page.locator(".choices .popover summary").first.evaluate(arrow) == '""'
    assert page.locator(".top-menu summary").evaluate(arrow) == "none"
