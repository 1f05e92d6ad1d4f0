"""A page asks for all its modules at once: none is found only in another one, which would take a round trip more."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import chromium, complaints, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e

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
