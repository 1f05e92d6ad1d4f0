"""A page asks for all its modules at once: none is found only in another one, which would take a round trip more."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import chromium, complaints, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e

BLOCKED_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(globalThis, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
}
"""
KEPT = [
    *(
        "avatar",
        "avatar.greeted",
        "avatar.resume",
        "avatar_api_language",
        "avatar_desktop_notifications",
        "avatar_zone",
    ),
    *(
        "avatar_kiosk_reloaded",
        "avatar_reloaded",
        "avatar_theme",
        "avatar_tour",
        "avatar_trends_place",
        "avatar_trends_wider",
    ),
]
STRANGE_STORAGE = f"""
for (const name of {KEPT}) {{
    for (const storage of [localStorage, sessionStorage]) storage.setItem(name, '{{"of": "another release"}}');
}}
"""
STRANGE_ADDRESS = "window=x&sort=%22&state=x&search=%F0%9F%98%80#%E0%A4%A"
PAGES = ["/", "/?at=2026-11-24T12:00:00Z", "/clients/", "/clients/ada/", "/alerts/", "/trends/", "/avatar/"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("scripts")) as site:
        site.migrate()
        site.daphne()
        yield site


@pytest.fixture(scope="module")
def page(site):
    with chromium() as browser:
        page = browser.new_page()
        sign_in(page, site, "/alerts/")
        page.wait_for_load_state("networkidle")
        yield page


def named_in_the_document(page: Page) -> set[str]:
    """What the document itself has the browser fetch, as scripts or links, before any of its scripts has run."""
    html = page.request.get(page.url).text()
    return set(
        page.evaluate(
            """(html) => {
                const page = new DOMParser().parseFromString(html, "text/html");
                return [...page.querySelectorAll("script[src], link[rel=modulepreload]")]
                    .map((node) => new URL(node.getAttribute("src") ?? node.getAttribute("href"), location.href).href);
            }""",
            html,
        )
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_script_that_a_page_asks_for_is_named_in_the_document(page, site, path):
    asked: list[str] = []
    errors = complaints(page)

    def note(request) -> None:
        if request.url.endswith(".js"):
            asked.append(request.url)

    page.on("request", note)
    # Scripts are among what a page's load waits for.
    page.goto(site.url + path)
    page.remove_listener("request", note)
    assert set(asked) == named_in_the_document(page)
    assert [url for url, times in Counter(asked).items() if times > 1] == []
    assert errors == []


@pytest.mark.parametrize(
    "path", ["/", "/clients/", "/clients/ada/", "/alerts/silences/", "/api/docs", "/avatar/", "/?kiosk=1"]
)
@pytest.mark.parametrize("script", [BLOCKED_STORAGE, STRANGE_STORAGE], ids=["blocked", "strange"])
def test_no_script_fails_of_what_the_browser_keeps_or_the_address_says(page, site, path, script):
    """A browser may refuse its storage, or hold what another release wrote; and anybody can write an address."""
    context = page.context.browser.new_context(storage_state=page.context.storage_state())
    context.add_init_script(script)
    tab = context.new_page()
    errors = complaints(tab)
    tab.goto(f"{site.url}{path}{'&' if '?' in path else '?'}{STRANGE_ADDRESS}")
    tab.locator("#theme-button").dispatch_event("click")
    tab.locator("#zone-button").dispatch_event("click")
    expect(tab.locator("html")).to_have_attribute("data-theme", "light")
    expect(tab.locator("#zone-button")).to_have_text("UTC")
    assert errors == []
    context.close()


def test_a_zoom_leads_out_again_where_the_browser_keeps_nothing(page, site):
    context = page.context.browser.new_context(storage_state=page.context.storage_state())
    context.add_init_script(BLOCKED_STORAGE)
    tab = context.new_page()
    errors = complaints(tab)
    tab.goto(f"{site.url}/trends/?from=2026-01-02T12:00:00Z&to=2026-01-02T13:00:00Z#%E0%A4%A")
    tab.keyboard.press("Escape")
    tab.wait_for_url(re.compile(r"/trends/\?from=2026-01-02T11:00:00Z"))
    assert errors == []
    context.close()


def test_the_numbers_of_the_live_page_do_not_wait_for_its_charts(page, site):
    """They need neither the library of charts nor the rest of the page's scripts, which never come here."""
    page.goto(site.url)
    expect(page.locator("[data-card=cpu] .figure__number")).to_contain_text(".")
    page.route("**/bundles/live-page-*.js", lambda _route: None)
    page.reload(wait_until="commit")
    expect(page.locator("[data-card=cpu] .figure__number")).to_contain_text(".")
    expect(page.locator("#charts canvas")).to_have_count(0)
    page.unroute("**/bundles/live-page-*.js")


def test_the_connection_is_opened_once(page, site):
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    page.goto(site.url)
    expect(page.locator("#connection-text")).to_have_text("Live")
    expect(page.locator("#charts canvas")).to_have_count(6)
    assert len(opened) == 1
