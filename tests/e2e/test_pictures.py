"""Regions that look the same each time, beside pictures of them: `PICTURES=renew make pages` takes new ones."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e

PICTURES = Path(__file__).parent / "pictures"
MOST_DIFFERENT = 40
"""Of 255, in a square of 8 × 8 pixels: letters of another release of a font differ by less, a missing one by more."""

COMPARE = """async ([ours, theirs]) => {
    const load = async (data) => createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
    const images = [await load(ours), await load(theirs)];
    const [width, height] = [Math.ceil(images[0].width / 8), Math.ceil(images[0].height / 8)];
    const pixels = images.map((image) => {
        const context = new OffscreenCanvas(width, height).getContext("2d");
        context.imageSmoothingQuality = "high";
        context.drawImage(image, 0, 0, width, height);
        return context.getImageData(0, 0, width, height).data;
    });
    let most = 0;
    for (let at = 0; at < pixels[0].length; at += 1) most = Math.max(most, Math.abs(pixels[0][at] - pixels[1][at]));
    const sizes = images.map((image) => [image.width, image.height]);
    return { most, sizes };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site without any avatar."""
    with running_site(tmp_path_factory.mktemp("pictures")) as site:
        site.migrate()
        site.daphne()
        yield site


def opened(site, browser, path, language="en", scheme="light", width=1280):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language, reduced_motion="reduce"
    )
    page = context.new_page()
    if path == "/login/":
        page.goto(site.url + path)
    else:
        sign_in(page, site, path)
    return page


def looks_as_in(name, region, browser):
    """Whether a region looks as its committed picture; with PICTURES=renew it becomes the picture."""
    taken = region.screenshot(animations="disabled", caret="hide")
    picture = PICTURES / f"{name}.png"
    if os.environ.get("PICTURES") == "renew":
        PICTURES.mkdir(exist_ok=True)
        picture.write_bytes(taken)
    blank = browser.new_page()
    found = blank.evaluate(COMPARE, [base64.b64encode(data).decode() for data in (taken, picture.read_bytes())])
    blank.close()
    assert found["sizes"][0] == pytest.approx(found["sizes"][1], abs=4), name
    assert found["most"] <= MOST_DIFFERENT, name


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en", "light", 1280), ("ko", "dark", 360)], ids=["light", "Korean, dark, narrow"]
)
class TestRegions:
    def test_the_form_to_sign_in(self, site, browser, language, scheme, width):
        page = opened(site, browser, "/login/", language, scheme, width)
        looks_as_in(f"sign-in-{language}", page.locator("main"), browser)
        page.context.close()

    def test_the_keyboard_help(self, site, browser, language, scheme, width):
        page = opened(site, browser, "/alerts/", language, scheme, width)
        page.keyboard.press("?")
        expect(page.locator("#help-dialog")).to_be_visible()
        looks_as_in(f"keyboard-{language}", page.locator("#help-dialog"), browser)
        page.context.close()

    def test_the_page_without_any_alert(self, site, browser, language, scheme, width):
        page = opened(site, browser, "/alerts/silences/", language, scheme, width)
        looks_as_in(f"silences-{language}", page.locator("main"), browser)
        page.context.close()
