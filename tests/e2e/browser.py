"""A real Chromium, and the requirements on every page of the site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.site import PASSWORD, Site

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS", Path(__file__).parent / "screenshots"))
SCREENS = pytest.mark.parametrize(
    "screens",
    [
        pytest.param([(360, "dark")], id="narrow and dark"),
        pytest.param([(1280, "light"), (1280, "dark"), (360, "light")], id="the others", marks=pytest.mark.pages),
    ],
)
"""Of a page: the narrow dark one shows most of what goes wrong."""

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is Chromium built without windows: it takes less than half of the CPU of one that only shows none."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# On a busy machine a page takes longer than the five seconds that are waited by default for what it is to show.
expect.set_options(timeout=20_000)


def executable() -> str | None:
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips the test without Chromium, except in CI, where that is a failure."""
    path = executable()
    if path is None:
        message = "no Chromium on this machine: install Debian's package chromium-headless-shell"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def sign_in(page: Page, site: Site, path: str, name: str = "admin") -> None:
    """Fills in the form, and has the page of this path afterwards."""
    page.goto(f"{site.url}/login/?next={path}")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{site.url}{path}")


def complaints(page: Page) -> list[str]:
    """A list that grows with every error of the page: of scripts, of the console, of the Content-Security-Policy."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def foreign_requests(page: Page, own: str) -> list[str]:
    """A list that grows with every address that the page asks of another host than its own."""
    found: list[str] = []
    allowed = (own, own.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(allowed) else found.append(request.url))
    page.on("websocket", lambda socket: None if socket.url.startswith(allowed) else found.append(socket.url))
    return found


def accessibility_faults(page: Page) -> list[str]:
    """What axe-core finds by any of its rules: WCAG 2.1 A and AA, and its best practices."""
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{fault['id']}: {node['html']}" for fault in result["violations"] for node in fault["nodes"]]


KEEP_TEXTS = """
const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
Object.assign(CanvasRenderingContext2D.prototype, {
    clearRect(...place) { this.canvas.texts = []; return clearRect.apply(this, place); },
    fillText(text, ...place) { (this.canvas.texts ??= []).push(text); return fillText.call(this, text, ...place); },
});
"""
"""For `add_init_script`: each canvas keeps the texts that it shows."""


def texts_of(chart: Locator) -> str:
    """What stands on a chart's axes and at its limit, on a page that keeps it."""
    texts: list[str] = chart.locator("canvas").first.evaluate("canvas => canvas.texts ?? []")
    return " | ".join(texts)
