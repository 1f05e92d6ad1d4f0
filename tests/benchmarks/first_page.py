"""How soon the live page shows its numbers, for a reader who is so many milliseconds away.

python -m tests.benchmarks.first_page --latency 100
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.e2e.browser import ARGUMENTS, executable
from tests.site import PASSWORD, running_site
from tests.slow_proxy import far_away

NOTE = """
    window.shown = {};
    const note = () => {
        const number = document.querySelector("[data-card=cpu] .figure__number");
        if (/[0-9]/.test(number?.textContent)) shown.numbers ??= performance.now();
        if (document.querySelector("#charts canvas")) shown.charts ??= performance.now();
        if (!shown.numbers || !shown.charts) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
"""
WEIGH = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ name }) => !name.includes("/live/past/") && !name.includes("/api/"))
    .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])"""


async def signed_in_load(browser: Browser, url: str) -> dict[str, float]:
    """The first load of a reader who has just signed in, without anything in the browser's cache."""
    async with await browser.new_context() as signing_in:
        page = await signing_in.new_page()
        await page.goto(f"{url}/login/?next=/alerts/")
        await page.fill("[name=username]", "admin")
        await page.fill("[name=password]", PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_url("**/alerts/")
        state = await signing_in.storage_state()
    async with await browser.new_context(storage_state=state) as context:
        return await first_load(context, url)


async def first_load(context: BrowserContext, url: str) -> dict[str, float]:
    """Milliseconds from navigation to the first numbers and to the charts; requests; their compressed bytes, and those
    of scripts and styles alone."""
    page = await context.new_page()
    await page.add_init_script(NOTE)
    await page.goto(url)
    await page.locator("#charts canvas").first.wait_for()
    await page.locator("[data-card=cpu] .figure__number", has_text=re.compile("[0-9]")).wait_for()
    shown = await page.evaluate("shown")
    sizes = await page.evaluate(WEIGH)
    weight = sum(size for path, size in sizes if path.endswith((".js", ".css")))
    return {**shown, "requests": len(sizes), "bytes": sum(size for _, size in sizes), "weight": weight}


async def measure(port: int, latency: float, rounds: int) -> list[dict[str, float]]:
    async with (
        far_away(port, latency / 2, opening=latency) as near,
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS) as browser,
    ):
        return [await signed_in_load(browser, f"http://127.0.0.1:{near}") for _ in range(rounds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=100, metavar="MS", help="what a round trip takes (100)")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="how often the page is loaded (7)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, running_site(Path(directory)) as site:
        site.migrate()
        site.daphne()
        loads = asyncio.run(measure(site.port, options.latency / 1_000, options.rounds))
    for key, unit in {"numbers": "ms", "charts": "ms", "requests": "", "bytes": "", "weight": ""}.items():
        values = sorted(load[key] for load in loads)
        print(f"{key:9}{statistics.median(values):8.0f} {unit:3} ({values[0]:.0f} to {values[-1]:.0f})")


if __name__ == "__main__":
    main()
