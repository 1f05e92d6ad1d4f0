"""A screen on a wall: its token, its pages one after the other, and how it ends. And times in two zones."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import accessibility_faults, complaints, foreign_requests, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e
DESK = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Asia/Seoul", "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("screens")) as site:
        site.migrate()
        site.daphne()
        yield site


def test_a_screen_watches_by_its_token_until_it_is_revoked(site, browser):
    address = site.manage("kiosk_token", "create", "lobby").splitlines()[-1]
    _, _, secret = address.partition("#")
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    errors, elsewhere = complaints(page), foreign_requests(page, site.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.goto(f"{site.url}/kiosk/?rotate=5&pages=alerts,live#{secret}")
    page.wait_for_url(re.compile(r"/alerts/\?kiosk=1"))
    page.wait_for_url(re.compile(rf"^{re.escape(site.url)}/\?kiosk=1"))
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(page.locator(".topbar")).to_be_hidden()
    page.goto(f"{site.url}/?kiosk=1")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    assert accessibility_faults(page) == []
    assert (errors, elsewhere) == ([], [])
    assert secret not in "".join(asked)
    site.manage("kiosk_token", "revoke", "lobby")
    expect(page.locator("#banner-text")).to_have_text("Your session has expired.", timeout=10_000)
    page.goto(f"{site.url}/kiosk/#{secret}")
    expect(page.get_by_role("alert")).to_contain_text("This token was revoked")
    assert secret not in page.content().replace(f'value="{secret}"', "")
    assert secret not in site.logs()


def test_a_reader_changes_the_zone_finds_pages_by_keys_and_takes_the_tour(site, browser):
    page = browser.new_context(**DESK).new_page()
    errors = complaints(page)
    sign_in(page, site, "/")
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.locator("#zone-button")).to_have_text("UTC+9")
    expect(page.locator("[data-timeline=utc]")).to_contain_text("UTC")
    page.keyboard.press("u")
    expect(page.locator("#zone-button")).to_have_text("UTC")
    expect(page.locator("[data-timeline=utc]")).to_contain_text("UTC+9")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url(re.compile("/trends/"))
    expect(page.locator("#zone")).to_have_text("UTC")
    page.goto(f"{site.url}/admin/avatar_monitoring/minute/")
    expect(page.locator(".zone-toggle")).to_have_text("UTC")
    page.keyboard.press("u")
    expect(page.locator(".zone-toggle")).to_have_text("UTC+9")
    page.goto(f"{site.url}/?tour=1")
    expect(page.get_by_role("dialog")).to_contain_text("1 of 5")
    assert accessibility_faults(page) == []
    for _ in range(5):
        page.keyboard.press("Enter")
    expect(page.locator("#tour")).to_have_count(0)
    assert page.evaluate("localStorage.avatar_tour") == "closed"
    assert errors == []


def test_keys_choose_ranges_theme_and_search(site, browser):
    page = browser.new_context(**DESK).new_page()
    sign_in(page, site, "/")
    for key, name in {"1": "1 min", "3": "15 min", "4": "1 h", "2": "5 min"}.items():
        page.keyboard.press(key)
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    for theme in ("light", "dark"):
        page.keyboard.press("d")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("d")
    expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(1)
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("#client-search")).to_be_focused()
    page.context.close()
