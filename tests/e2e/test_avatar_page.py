"""A person opens the avatar page, looks around, changes rooms, and is seen by somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, complaints
from tests.site import Site, receive, running_site

pytestmark = pytest.mark.e2e
NUMBER = r"\d+\.\d"
OVERLAY = {
    "#fps-display": rf"^FPS: {NUMBER}$",
    "#cpu": rf"^CPU: {NUMBER}%$",
    "#memory": rf"^Memory: {NUMBER}%$",
    "#network": rf"^Network: ↑{NUMBER}MB ↓{NUMBER}MB$",
}
"""The lines that SPEC.md shows under "Client-Side Integration"."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("avatars")) as site:
        site.migrate()
        site.daphne()
        yield site


@pytest.fixture
def bob(site):
    with site.avatar("client_id=bob&room=attic") as bob:
        receive(bob, "welcome")
        yield bob


@pytest.fixture
def visit(site, browser):
    """Opens the page of an avatar, once it is in its room; nothing may complain about it."""
    opened: list[Page] = []

    def visit(query: str, *, width: int = 1280, theme: str = "light", locale: str = "en", touch: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme, locale=locale, has_touch=touch, reduced_motion="reduce",
        )  # fmt: skip
        page = context.new_page()
        page.errors = complaints(page)
        opened.append(page)
        page.goto(f"{site.url}/avatar/{query}")
        expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        return page

    yield visit
    for page in opened:
        assert page.errors == []
        page.context.close()


ALERT_LINE = """
async () => {
    const { showAlerts } = await import("/static/avatar_site/hud.js");
    const of = { metric: "cpu_percent", subject: "vm", message: "High CPU usage: 91.0%" };
    showAlerts([{ ...of, value: 91, current: 97.1, peak: 97.1, threshold: 80, timestamp: 1000 }]);
    return document.querySelector("#alerts li").textContent;
}
"""


def centre(page: Page) -> tuple[float, float]:
    box = page.locator("#stage").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pose_that(bob, fits: Callable[[dict], bool]) -> dict:
    while not fits(pose := receive(bob, "pose")):
        continue
    return pose


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_the_overlay_reads_as_specified_in_every_language(visit, locale):
    page = visit("?name=ada", locale=locale)
    for line, text in OVERLAY.items():
        expect(page.locator(line)).to_have_text(re.compile(text))


@pytest.mark.parametrize(("locale", "said"), [("en", "High CPU usage: 91.0%"), ("ko", "vm의 CPU")])
def test_an_alert_reads_as_the_server_words_it_and_in_korean_as_on_the_other_pages(visit, locale, said):
    page = visit("?name=ada", locale=locale)
    assert said in page.evaluate(ALERT_LINE)


def test_rooms_are_listed_and_joined_by_a_click_and_back_leads_back(visit, bob):
    page = visit("?name=ada")
    expect(page).to_have_url(re.compile("room=lobby"))
    page.get_by_role("button", name="attic 1 avatar").click()
    expect(page.locator("#people")).to_contain_text("bob")
    assert receive(bob, "joined")["client_id"] == "ada"
    expect(page).to_have_url(re.compile("room=attic"))
    expect(page.locator(".room-button[aria-current]")).to_have_text("attic2 avatars")
    page.go_back()
    expect(page.locator("#room")).to_have_value("lobby")
    assert receive(bob, "left")["client_id"] == "ada"
    expect(page.locator("#people li")).to_have_count(1)


def test_a_room_that_cannot_be_is_named_with_its_value(visit):
    page = visit("?name=ada&room=a%20b")
    expect(page.locator("#join-error")).to_have_text('room="a b": use 1 to 64 of A-Z a-z 0-9 . _ : -')
    page.fill("#room", "x/y")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator("#join-error")).to_contain_text('room="x/y"')
    expect(page.locator("#room")).to_be_focused()
    expect(page).to_have_url(re.compile("room=lobby"))


def test_keys_make_faces_and_say_what_is_typed(visit, bob):
    page = visit("?name=ada&room=attic")
    page.keyboard.press("3")
    assert receive(bob, "expression")["name"] == "laughing"
    expect(page.get_by_role("button", name="Laughing")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("s")
    page.keyboard.type("Hello 123")
    page.keyboard.press("Enter")
    assert receive(bob, "say")["text"] == "Hello 123"
    bob.send('{"type": "say", "text": "Hi ada"}')
    expect(page.get_by_role("log")).to_contain_text("bob Hi ada")


def test_arrows_and_the_mouse_move_the_avatar(visit, bob):
    page = visit("?name=ada&room=attic")
    before = receive(bob, "pose")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    after = pose_that(bob, lambda pose: pose["x"] > before["x"] + 0.01)
    assert after["gaze_x"] >= 0
    page.mouse.move(*centre(page))
    page.mouse.down()
    page.mouse.move(centre(page)[0] - 200, centre(page)[1], steps=4)
    pose_that(bob, lambda pose: pose["x"] < after["x"] - 0.1)
    page.mouse.up()


def test_a_finger_on_the_avatar_leads_it_and_taps_press_buttons_that_are_large_enough(visit, bob):
    page = visit("?name=ada&room=attic", width=360, touch=True)
    page.get_by_role("button", name="Happy").tap()
    assert receive(bob, "expression")["name"] == "happy"
    small = [
        button.inner_text()
        for button in page.locator(".main button:visible:not([data-copy])").all()
        if button.bounding_box()["height"] < 44
    ]
    assert small == []
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("#stage").bounding_box()
    before = receive(bob, "pose")
    # The avatar is looked for from above, a finger's width at a time: where it stands depends on the size of the stage.
    finger = page.context.new_cdp_session(page)
    x = box["x"] + 60 + before["x"] * (box["width"] - 120)
    for step in range(int(box["height"] // 40)):
        y = box["y"] + 20 + step * 40
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for part in range(1, 5):
            point = {"x": x + (box["x"] + box["width"] / 2 - x) * part / 2, "y": y}
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    pose_that(bob, lambda pose: abs(pose["x"] - before["x"]) > 0.1)


@SCREENS
def test_the_page_fits_any_screen_and_is_accessible(visit, bob, screens):
    for width, theme in screens:
        page = visit("?name=ada&room=attic", width=width, theme=theme)
        expect(page.locator("#people")).to_contain_text("bob")
        expect(page.locator("#cpu")).to_have_text(re.compile(OVERLAY["#cpu"]))
        SCREENSHOTS.mkdir(exist_ok=True, parents=True)
        page.screenshot(path=SCREENSHOTS / f"avatar-{width}-{theme}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert accessibility_faults(page) == []
        page.context.close()


@pytest.mark.pages
def test_the_room_stays_on_the_stage_while_the_server_is_away_and_comes_back_with_it(site: Site, browser):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{site.url}/avatar/?name=eve&room=cellar")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    server = site.processes[0]
    server.terminate()
    server.wait(20)
    expect(page.locator("#banner-text")).not_to_be_empty()
    expect(page.locator("#stage-box")).to_have_class("stage stage--away")
    site.daphne()
    page.locator("#banner-retry").click()
    expect(page.locator("#stage-box")).to_have_class("stage")
    expect(page.locator("#rooms")).to_contain_text("cellar")
    page.context.close()
