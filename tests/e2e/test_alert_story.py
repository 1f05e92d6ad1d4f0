"""The story of one alert in the browser: it fires and is told, is acknowledged by one of two operators, silenced and
resolved, found again by filter, and replayed."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, complaints, sign_in
from tests.site import PASSWORD, eventually, running_site

pytestmark = pytest.mark.e2e

SILENT = "zoe-who-says-nothing"
SECOND_OPERATOR = f"""
from django.contrib.auth.models import User
User.objects.create_superuser('lee', password={PASSWORD!r})
"""
NOTIFICATIONS = """
window.told = [];
window.Notification = class { constructor(title, {body}) { told.push(`${title}: ${body}`); } close() {} };
Notification.permission = "default";
Notification.requestPermission = async () => (Notification.permission = "granted");
"""
HIDE = """
(isHidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site that stores alerts when they begin and end, and two operators."""
    variables = {"AVATAR_STALE_CLIENT_SECONDS": "2"}
    # A busy machine is to have no alert of its own.
    variables |= {"AVATAR_CPU_ALERT_THRESHOLD": "100", "AVATAR_MEMORY_ALERT_THRESHOLD": "100"}
    with running_site(tmp_path_factory.mktemp("alert"), **variables) as site, ExitStack() as connections:
        site.connections = connections
        site.migrate()
        site.shell(SECOND_OPERATOR)
        site.spawn("manage.py", "store_history", "--loop")
        site.daphne()
        yield site


def operator(site, browser, name: str, path: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    # Headless browsers show no notifications: this records them, and grants what is asked for.
    page.add_init_script(NOTIFICATIONS)
    sign_in(page, site, path, name)
    page.errors = complaints(page)
    return page


@pytest.fixture(scope="module")
def kim(site, browser):
    return operator(site, browser, "admin", "/alerts/")


@pytest.fixture(scope="module")
def lee(site, browser):
    return operator(site, browser, "lee", "/")


def row(page: Page):
    return page.locator(".alert-item", has_text=SILENT)


def test_nothing_is_told_on_the_desktop_before_a_click(kim):
    button = kim.get_by_role("button", name="Desktop notifications")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_an_alert_is_seen_counted_and_told_while_nobody_looks(site, kim, lee):
    lee.evaluate("localStorage.setItem('avatar_desktop_notifications', 'on'); Notification.permission = 'granted'")
    expect(lee.locator("#connection-text")).to_have_text("Live")
    lee.evaluate(HIDE, True)
    site.connections.enter_context(site.avatar(f"client_id={SILENT}"))
    told = eventually(lambda: lee.evaluate("told"), seconds=20, what="a notification")
    assert re.fullmatch(rf"Info alert: Client {SILENT} has sent nothing for [\d.]+ s", "".join(told))
    lee.evaluate(HIDE, False)
    expect(lee.locator("#active-alerts")).to_contain_text(SILENT)
    expect(lee).to_have_title(re.compile(r"^\(\d\) Live"))
    expect(row(kim)).to_contain_text("has sent nothing for", timeout=60_000)
    expect(kim).to_have_title(re.compile(r"^\(\d\) Alerts"))
    assert "count=" in kim.locator("#icon").get_attribute("href")


def test_who_may_no_longer_watch_is_shown_no_count(site, browser):
    sockets = []

    def pass_on(socket):
        socket.connect_to_server()
        sockets.append(socket)

    page = browser.new_context().new_page()
    page.route_web_socket(re.compile("/ws/metrics/"), pass_on)
    sign_in(page, site, "/")
    expect(page).to_have_title(re.compile(r"^\(\d\) Live"))
    page.context.clear_cookies()
    sockets[-1].close(code=4401, reason="")
    expect(page.locator("#banner-text")).to_have_text("Your session has expired.")
    expect(page).to_have_title(re.compile("^Live"))
    assert "count=" not in page.locator("#icon").get_attribute("href")
    page.context.close()


@SCREENS
def test_the_page_is_sound_on_every_screen(kim, screens):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in screens:
        kim.set_viewport_size({"width": width, "height": 900})
        kim.emulate_media(color_scheme=scheme)
        kim.screenshot(path=SCREENSHOTS / f"alert-active-{scheme}{'' if width == 1280 else '-narrow'}.png")
        assert kim.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_faults(kim) == []
    kim.set_viewport_size({"width": 1280, "height": 900})


def test_the_first_acknowledges_and_the_second_keeps_what_was_written(kim, lee):
    line = lee.locator("#active-alerts li", has_text=SILENT).last
    line.get_by_role("button", name="Acknowledge").click()
    lee.locator("#answer-form textarea").fill("I know why: the café's network")
    row(kim).get_by_role("button", name="Acknowledge").click()
    kim.get_by_label("4 hours", exact=True).check()
    kim.locator("#answer-submit").click()
    expect(row(kim)).to_contain_text("acknowledged by admin until")
    lee.locator("#answer-submit").click()
    expect(lee.locator("#answer-problem")).to_contain_text("admin has acknowledged this already")
    expect(lee.locator("#answer-form textarea")).to_have_value("I know why: the café's network")
    lee.get_by_role("button", name="Add as a comment").click()
    expect(lee.locator("#answer-dialog")).to_be_hidden()
    expect(line).to_contain_text("acknowledged by admin")


def test_the_episode_shows_the_log_of_both(kim):
    row(kim).locator(".alert-item__head a").click()
    expect(kim.locator(".log")).to_contain_text("admin acknowledged it until")
    expect(kim.locator(".log")).to_contain_text("lee commented.")
    expect(kim.locator(".log")).to_contain_text("the café's network")
    assert accessibility_faults(kim) == []


def test_a_list_that_waits_for_the_reader_is_not_called_updated(kim):
    kim.goto(kim.url.partition("/alerts/")[0] + "/alerts/")
    freshness = kim.locator("#freshness")
    row(kim).get_by_role("button", name="Comment").click()
    waits_since = freshness.inner_text()
    with kim.expect_response("**/alerts/"):
        kim.evaluate(HIDE, False)
    kim.wait_for_timeout(1_200)
    with kim.expect_response("**/alerts/"):
        kim.evaluate(HIDE, False)
    expect(freshness).to_have_text(waits_since)
    kim.keyboard.press("Escape")
    kim.evaluate(HIDE, False)
    expect(freshness).not_to_have_text(waits_since)
    row(kim).locator(".alert-item__head a").click()


def test_it_is_silenced_and_the_silence_says_what_it_hides(site, kim):
    kim.get_by_role("button", name="Silence", exact=True).first.click()
    expect(kim.locator("#silence-form [name=subject]")).to_have_value(SILENT)
    kim.locator("#silence-form [name=reason]").fill("Expected until noon")
    kim.locator("#silence-form button[type=submit]").click()
    expect(kim.locator(".episode")).to_contain_text("silenced: Expected until noon")
    kim.goto(f"{site.url}/alerts/silences/")
    expect(kim.locator(".silence")).to_contain_text("Hides 1 firing alert now")
    kim.get_by_role("button", name="End now").click()
    expect(kim.locator("main")).to_contain_text("No silence is in force.")


def test_it_is_resolved_by_hand_and_found_again_by_filter(site, kim):
    kim.goto(f"{site.url}/alerts/")
    row(kim).get_by_role("button", name="Resolve").click()
    kim.locator("#answer-submit").click()
    expect(row(kim)).to_have_count(0)
    kim.goto(f"{site.url}/alerts/")
    kim.locator(".chips").get_by_role("link", name=re.compile("Resolved")).click()
    expect(kim).to_have_url(re.compile("state=resolved"))
    kim.locator("#alert-search").fill(SILENT)
    kim.locator("#alert-search").press("Enter")
    expect(kim).to_have_url(re.compile(rf"state=resolved&.*text={SILENT}"))
    expect(kim.locator("#past-alerts tr")).to_have_count(1)
    expect(kim.locator("#past-alerts tr")).to_contain_text("by hand")


def test_one_click_replays_the_second_in_which_it_began(kim):
    kim.locator("#past-alerts").get_by_role("link", name=re.compile("^Replay")).click()
    kim.wait_for_url(re.compile(r"/\?at=\d{4}-"))
    expect(kim.locator("#live-title")).to_contain_text("You are looking at")
    expect(kim.locator("#clients tbody")).to_contain_text(SILENT)
    assert kim.errors == []


def test_an_absent_server_is_in_the_title(site, lee):
    server = site.processes[-1]
    server.terminate()
    eventually(lambda: server.poll() is not None, what="the server's end")
    expect(lee).to_have_title(re.compile("^Server away"), timeout=20_000)
