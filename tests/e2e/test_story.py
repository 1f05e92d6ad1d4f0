"""The product's one story on real parts: Valkey, two daphnes, worker, beat and Chromium, started by one command."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from tests.chain import has_dictionary
from tests.e2e.browser import KEEP_TEXTS, SCREENSHOTS, accessibility_faults, complaints, foreign_requests, texts_of
from tests.site import eventually, running_site

pytestmark = pytest.mark.e2e

AVATARS = 12
SILENT = "who-says-nothing"
PAGES = {
    "live": "/",
    "clients": "/clients/",
    "client": "/clients/sim-0001/",
    "alerts": "/alerts/",
    "trends": "/trends/",
    "avatar": "/avatar/",
    "login": "/login/",
    "admin": "/admin/",
    "admin-minutes": "/admin/avatar_monitoring/minute/",
    "admin-alerts": "/admin/avatar_monitoring/alert/",
    "admin-sessions": "/admin/avatar_monitoring/clientsession/",
    "api-docs": "/api/docs",
}
LIVE = {"en": "Live", "ko": "실시간"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as `make demo` starts it; its administrator's password is read from the terminal."""
    directory = tmp_path_factory.mktemp("story")
    with running_site(directory, AVATAR_STALE_CLIENT_SECONDS="2") as site:
        site.spawn(
            "manage.py", "start_avatar_web_server", "--port", str(site.port), "--workers", "2", "--demo", str(AVATARS)
        )
        eventually(lambda: "runs at" in site.logs(), seconds=60, what=site.logs)
        site.password = re.search(r"password\s+(\S+)", site.logs())[1]
        yield site


@pytest.fixture(scope="module")
def operator(site, browser):
    """A signed-in operator's tab."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark").new_page()
    page.received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: page.received.append((socket, data))))
    page.goto(site.url)
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", site.password)
    page.click("button[type=submit]")
    expect(page.locator("#connection-text")).to_have_text("Live")
    return page


def test_the_live_page_shows_every_avatar_of_both_nodes(operator):
    expect(operator.locator("[data-card=connections]")).to_contain_text(str(AVATARS), timeout=20_000)
    expect(operator.locator("#clients tbody tr")).to_have_count(AVATARS)
    expect(operator.locator("#clients .of-room", has_text="lobby")).to_have_count(AVATARS)
    expect(operator.locator("#clients th.of-user")).to_be_hidden()
    expect(operator.locator("#nodes tbody tr")).to_have_count(2)


def test_an_avatar_in_another_tab_is_seen_until_the_tab_is_closed(site, browser, operator):
    tab = browser.new_page()
    tab.goto(f"{site.url}/avatar/")
    expect(tab.locator("#connection-text")).to_have_text("Live")
    name = tab.locator("#name").input_value()
    expect(operator.locator("#clients tbody")).to_contain_text(name)
    expect(tab.locator("#fps-display")).to_contain_text(re.compile(r"FPS: \d"))
    expect(tab.locator("#people li")).to_have_count(AVATARS + 1)
    tab.close()
    expect(operator.locator("#clients tbody")).not_to_contain_text(name)


def test_each_avatar_has_a_verdict_and_the_chips_filter_by_it(operator):
    chips = operator.locator("[data-chips] .chip")
    expect(chips.first).to_contain_text("all")
    judged = operator.locator("[data-chips] [data-kind=verdict]").first
    verdict = judged.locator("span").first.inner_text()
    judged.click()
    expect(judged).to_have_attribute("aria-pressed", "true")
    badges = operator.locator("#clients tbody .of-verdict .badge")
    expect(badges.filter(has_not_text=verdict)).to_have_count(0)
    badges.first.focus()
    expect(operator.get_by_role("tooltip")).to_be_visible()
    operator.keyboard.press("Escape")
    chips.first.click()
    expect(badges).to_have_count(AVATARS)


def test_a_rule_that_is_changed_in_the_admin_moves_the_limit_of_an_open_page(site, operator):
    live, admin = operator.context.new_page(), operator.context.new_page()
    live.add_init_script(KEEP_TEXTS)
    errors = complaints(live)
    live.goto(site.url)
    card, chart = live.locator("[data-card=memory] [data-limit]"), live.locator("#charts .chart", has_text="Memory")
    expect(card).to_contain_text("limit 85 %")
    eventually(lambda: "limit 85 %" in texts_of(chart), what=lambda: texts_of(chart))
    admin.goto(f"{site.url}/admin/avatar_monitoring/alertrule/add/?override=memory_percent")
    admin.fill("[name=threshold]", "97")
    admin.fill("[name=exit_threshold]", "95")
    admin.locator("[name=_save]").click()
    expect(admin.locator(".messagelist .success")).to_be_visible()
    expect(card).to_contain_text("limit 97 % for 10 s, ends at 95 %")
    eventually(lambda: "limit 97 %" in texts_of(chart), what=lambda: texts_of(chart))
    assert errors == []
    live.close()
    admin.close()


def test_an_alert_fires_while_an_avatar_is_silent_and_ends_when_it_leaves(site, operator):
    alerts = operator.locator("#active-alerts")
    with site.avatar(f"client_id={SILENT}"):
        expect(alerts).to_contain_text(SILENT)
        usual = operator.viewport_size
        operator.set_viewport_size({"width": 360, "height": 900})
        # As after twenty minutes; the next frame puts it right.
        width = operator.evaluate("""() => {
            const since = document.querySelector(".alert-list__since");
            since.textContent = "now 22 min 41 s · peak 22 min 41 s · for 21 min 42 s";
            return document.documentElement.scrollWidth;
        }""")
        operator.set_viewport_size(usual)
        assert width <= 360
    expect(alerts).not_to_contain_text(SILENT)


def test_clients_are_compared_by_path_and_browser_over_both_nodes(site, browser, operator):
    state = operator.context.storage_state()
    page = browser.new_context(viewport={"width": 360, "height": 900}, storage_state=state).new_page()
    errors = complaints(page)
    page.goto(f"{site.url}/clients/")
    page.click("#groups summary")
    paths, browsers = (page.locator(f"[data-groups={kind}] tbody tr") for kind in ("paths", "browsers"))
    expect(paths).to_contain_text(["/ws/avatar/"])
    expect(paths.first.locator("td").nth(1)).to_have_text(str(AVATARS))
    expect(browsers.first).to_contain_text("websockets")
    expect(browsers.first.locator(".shares")).to_contain_text("%")
    page.screenshot(path=SCREENSHOTS / "clients-groups-360.png", full_page=True) if SCREENSHOTS.is_dir() else None
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # Several verdicts share a line only as far as there is room.
    page.evaluate("""
        for (const shares of document.querySelectorAll("[data-groups=paths] .shares"))
            for (let more = 0; more < 4; more += 1) shares.append(shares.firstElementChild.cloneNode(true));
    """)
    assert page.evaluate("""
        [...document.querySelectorAll("[data-groups]")].every((table) => table.scrollWidth <= table.clientWidth)
    """)
    assert (accessibility_faults(page), errors) == ([], [])
    page.context.close()


def test_one_connection_carried_all_of_it_in_chained_frames(operator):
    assert len({socket for socket, _ in operator.received}) == 1
    assert sum(map(has_dictionary, (data for _, data in operator.received))) > 5


def test_every_page_is_valid_and_accessible(site, browser, operator):
    """A sample of `make pages`: most of what goes wrong shows on a phone, in the dark, in Korean."""
    for name, path in PAGES.items():
        look_at(site, browser, operator, name, path, "dark", 360, "ko")


def look_at(site, browser, operator, name, path, scheme, width=1280, language="en"):
    """No error in the console, none against the security policy, no sideways scrolling, and accessible to everybody."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale=language,
        storage_state=operator.context.storage_state(),
    )
    page = context.new_page()
    errors, foreign = complaints(page), foreign_requests(page, site.url)
    page.goto(site.url + path)
    if page.locator("#connection-text").count():
        expect(page.locator("#connection-text")).to_have_text(LIVE[language])
        page.wait_for_load_state("networkidle")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}{'' if width == 1280 else '-narrow'}.png")
    assert (errors, foreign) == ([], []), name
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert accessibility_faults(page) == [], name
    context.close()


def test_whole_minutes_are_stored(site):
    rows = eventually(lambda: whole_minutes(site), seconds=240, what=lambda: f"a whole minute\n{site.logs()}")
    assert all(int(row["messages"]) > 0 for row in rows)


EXPORT = """
import sys
from django.core.management import call_command
call_command("export_metrics", "--from", "-1h", "--to", "now", "--output", "-", stdout=sys.stdout)
"""


def whole_minutes(site):
    """Rows of a minute that both nodes measured for all its sixty seconds."""
    rows = list(csv.DictReader(io.StringIO(site.shell(EXPORT))))
    whole = [row for row in rows if float(row["coverage_seconds"]) == 60]
    minutes = [row["minute"] for row in whole]
    return [row for row in whole if minutes.count(row["minute"]) == 2]


def test_the_episode_stands_in_the_history_with_its_end(site, operator):
    operator.goto(f"{site.url}/alerts/?metric=stale_client_seconds&state=resolved")
    expect(operator.locator("main")).to_contain_text(SILENT)


def test_the_trends_draw_the_stored_minutes(site, browser, operator):
    operator.goto(f"{site.url}/trends/?range=1h")
    expect(operator.locator("#trends canvas").first).to_be_visible()
    expect(operator.locator("#trends")).to_contain_text("CPU")
    for scheme in ("dark", "light"):
        look_at(site, browser, operator, "trends", "/trends/?range=1h", scheme)


def test_the_admin_lists_the_stored_minutes(site, browser, operator):
    operator.goto(f"{site.url}/admin/avatar_monitoring/minute/")
    expect(operator.locator("#result_list tbody tr").first).to_be_visible()
    look_at(site, browser, operator, "admin-minutes", PAGES["admin-minutes"], "light")


@pytest.mark.parametrize("name", ["alert", "clientsession", "minute", "alertrule", "notice"])
def test_no_list_of_the_admin_is_cut(site, operator, name):
    operator.set_viewport_size({"width": 1280, "height": 800})
    operator.goto(f"{site.url}/admin/avatar_monitoring/{name}/")
    # A list without rows has no table.
    for results in operator.locator(".results").all():
        assert results.evaluate("element => element.scrollWidth - element.clientWidth") == 0


def test_a_visitor_is_asked_to_sign_in(site, browser):
    page = browser.new_page()
    page.goto(f"{site.url}/trends/")
    expect(page).to_have_url(re.compile("/login/"))
    page.close()
