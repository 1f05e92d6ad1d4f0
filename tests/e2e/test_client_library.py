"""The client library in a plain page of another project, in a real browser: the page and the consumer of its docs."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import complaints
from tests.site import Site, eventually

pytestmark = pytest.mark.e2e

APPLICATION = "tests.e2e.client_library:application"
HIDE = """() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""What a browser does when its window is covered; no headless Chromium hides a page."""


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path, DJANGO_SETTINGS_MODULE="")
    del site.environment["DJANGO_SETTINGS_MODULE"]
    yield site
    site.end()


def known(site: Site) -> dict:
    with urlopen(f"{site.url}/known/", timeout=10) as answer:
        return json.load(answer)


def test_a_page_tells_how_it_draws_comes_back_after_a_restart_and_says_when_it_is_hidden(site, browser):
    server = site.daphne(application=APPLICATION)
    page = browser.new_page()
    wrong = complaints(page)
    page.goto(site.url)
    expect(page.locator("#state")).to_have_text("live")
    page.fill("[name=text]", "hello")
    page.click("button")
    expect(page.locator("#heard li")).to_have_text("hello")
    expect(page.locator("#latency")).to_contain_text("ms")

    ada = eventually(lambda: (row := known(site)["ada"])["page"] and row, seconds=20)
    assert 1 < ada["fps"] < 500
    assert ada["frame_time_ms"] == pytest.approx(1000 / ada["fps"], rel=0.01)
    assert (ada["hidden"], "Chrome/" in ada["user_agent"]) == (False, True)
    assert ada["page"]["long_animation_frames"] is not None

    server.terminate()
    server.wait(20)
    expect(page.locator("#state")).to_have_text("waiting")
    page.fill("[name=text]", "kept meanwhile")
    page.click("button")
    wrong.clear()
    site.daphne(application=APPLICATION)
    expect(page.locator("#heard li")).to_have_text(["hello", "kept meanwhile"], timeout=40_000)

    page.evaluate(HIDE)
    hidden = eventually(lambda: (row := known(site)["ada"])["hidden"] and row, seconds=20)
    assert hidden["fps"] is None
