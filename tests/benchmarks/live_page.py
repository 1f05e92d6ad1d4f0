"""What the live page costs a reader's browser: script per update, its main thread, memory, weight, and first numbers.

The page is the real one, with frames of a real server and six charts of an hour of seconds. Beside it, Chart.js draws
six charts of the same data.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Route, async_playwright

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.first_page import first_load
from tests.benchmarks.load import Tally, avatars, paced
from tests.benchmarks.machine import pinned
from tests.benchmarks.server import Server
from tests.e2e.browser import ARGUMENTS, executable
from tests.site import ROOT
from tests.slow_proxy import far_away

KEYS = (
    "page_update_ms", "page_main_thread_ms", "page_heap_mb",
    "page_numbers_ms", "page_numbers_far_ms", "page_weight_kb",
)  # fmt: skip
HOUR = 3600
CLIENTS = 10
SETTLING_SECONDS = 5.0
FAR_SECONDS = 0.1
"""A round trip of the reader who is far away."""

CHART_JS = ROOT / "node_modules" / "chart.js" / "dist" / "chart.umd.min.js"
PEER = Path(__file__).with_name("chart_js_page.js")
COLUMNS = (
    "cpu_percent", "memory_percent", "memory_used_mb", "network_sent_rate", "network_recv_rate", "active_connections",
    "messages_per_second", "average_latency_ms", "p50_latency_ms", "p95_latency_ms", "p99_latency_ms", "fps",
    "connects", "disconnects",
)  # fmt: skip
Costs = dict[str, list[float]]
METRICS = {"script": "ScriptDuration", "main thread": "TaskDuration"}


def in_a_browser(arena: Arena) -> Iterator[Row]:
    costs = asyncio.run(_costs(arena))
    ours = costs["ours"]
    update, second = (_sides(costs, metric) for metric in METRICS)
    what = "script per update of the live page, six charts of an hour of seconds, p95"
    yield Row(KEYS[0], what, p95(ours["script"]), "ms", at_most(10), update)
    what = "main thread per second of the live page, the same charts, median"
    yield Row(KEYS[1], what, median(ours["main thread"]), "ms", at_most(40), second)
    yield Row(
        KEYS[2],
        f"growth of the live page's heap over {len(ours['script']) / 60:.0f} minutes",
        ours["heap"][-1] - ours["heap"][0],
        "MB",
        at_most(1),
        {name: f"{values['heap'][0]:.1f} MB to {values['heap'][-1]:.1f} MB" for name, values in costs.items()},
    )
    yield from asyncio.run(_loads(arena))


def _sides(costs: dict[str, Costs], metric: str) -> dict[str, str]:
    return {
        name: f"{median(values[metric]):.1f} ms, p95 {p95(values[metric]):.1f} ms" for name, values in costs.items()
    }


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


async def _costs(arena: Arena) -> dict[str, Costs]:
    """Milliseconds of the main thread for each second, and MB of heap at the beginning and at the end."""
    seconds = int(arena.choose(600, 60))
    async with _browser(arena) as browser, _watched_site(arena) as server:
        async with _live_page(browser, server.port, arena.cookie) as page:
            ours = await _measured(page, seconds)
        async with _peer_page(browser) as page:
            return {"ours": ours, "Chart.js": await _measured(page, seconds)}


async def _measured(page: Page, seconds: int) -> Costs:
    session = await page.context.new_cdp_session(page)
    # Threads' own time, so that other processes of the machine do not count.
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.wait_for_timeout(SETTLING_SECONDS * 1000)
    found: Costs = {name: [] for name in METRICS} | {"heap": [await _heap_mb(session)]}
    before = await _metrics(session)
    for _ in range(seconds):
        await page.wait_for_timeout(1000)
        now = await _metrics(session)
        for name, metric in METRICS.items():
            found[name].append((now[metric] - before[metric]) * 1000)
        before = now
    found["heap"].append(await _heap_mb(session))
    return found


async def _metrics(session: CDPSession) -> dict[str, float]:
    answer = await session.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in answer["metrics"]}


async def _heap_mb(session: CDPSession) -> float:
    await session.send("HeapProfiler.collectGarbage")
    return (await _metrics(session))["JSHeapUsedSize"] / 1024**2


@asynccontextmanager
async def _browser(arena: Arena) -> AsyncIterator[Browser]:
    """A browser on both cores, as its threads are many."""
    async with async_playwright() as playwright:
        with pinned(arena.cores.server, arena.cores.load):
            browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        async with browser:
            yield browser


@asynccontextmanager
async def _watched_site(arena: Arena) -> AsyncIterator[Server]:
    """A server with a few avatars that send a message a second each."""
    with arena.site_on_daphne() as server:
        async with avatars(server.port, CLIENTS, Tally()) as sockets:
            load = asyncio.create_task(paced(sockets, 1, 24 * HOUR))
            yield server
            load.cancel()


async def _signed_in(browser: Browser, port: int, cookie: str) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    name, _, value = cookie.partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
    return context


@asynccontextmanager
async def _live_page(browser: Browser, port: int, cookie: str) -> AsyncIterator[Page]:
    async with await _signed_in(browser, port, cookie) as context:
        page = await context.new_page()
        await page.route("**/live/past/?*", _an_hour)
        async with page.expect_response("**/live/past/?*"):
            await page.goto(f"http://127.0.0.1:{port}/")
        await page.click(f'[data-window="{HOUR}"]')
        yield page


@asynccontextmanager
async def _peer_page(browser: Browser) -> AsyncIterator[Page]:
    async with await browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = await context.new_page()
        await page.set_content('<body style="display: grid; grid-template-columns: repeat(3, 390px); gap: 12px">')
        await page.add_script_tag(path=CHART_JS)
        await page.add_script_tag(path=PEER)
        yield page


async def _an_hour(route: Route) -> None:
    """Answers like a server that was watched for the hour before."""
    asked = parse_qs(urlsplit(route.request.url).query)
    start, end = (math.ceil(float(asked[name][0])) for name in ("from", "to"))
    times = list(range(start, end))
    columns = {
        name: [round(30 + 20 * math.sin(time / (60 + 7 * index)), 2) for time in times]
        for index, name in enumerate(COLUMNS)
    }
    answer = {
        "holds": {"from": end - HOUR, "to": end},
        "tier": "second",
        "step": 1,
        "columns": {"time": times, **columns},
    }
    await route.fulfill(body=json.dumps(answer), content_type="application/json")


async def _loads(arena: Arena) -> list[Row]:
    rounds = int(arena.choose(9, 3))
    async with _browser(arena) as browser, _watched_site(arena) as server:
        near = await _loaded(arena, browser, server.port, rounds)
        async with far_away(server.port, FAR_SECONDS / 2, opening=FAR_SECONDS) as port:
            far = await _loaded(arena, browser, port, rounds)
    weight = near[0]
    return [
        _first_numbers(KEYS[3], "first numbers of the live page on loopback, nothing cached", near, 600),
        _first_numbers(KEYS[4], f"the same with {FAR_SECONDS * 1000:.0f} ms of latency", far, 1000),
        Row(
            KEYS[5],
            "scripts and styles of the live page, compressed",
            weight["weight"] / 1024,
            "KB",
            at_most(110),
            {"requests": f"{weight['requests']:.0f}", "with the page itself": f"{weight['bytes'] / 1024:.0f} KB"},
        ),
    ]


async def _loaded(arena: Arena, browser: Browser, port: int, rounds: int) -> list[dict[str, float]]:
    loads = []
    for _ in range(rounds):
        async with await _signed_in(browser, port, arena.cookie) as context:
            loads.append(await first_load(context, f"http://127.0.0.1:{port}"))
    return loads


def _first_numbers(key: str, what: str, loads: list[dict[str, float]], limit: float) -> Row:
    def shown(name: str) -> str:
        values = sorted(load[name] for load in loads)
        return f"{median(values):.0f} ms ({values[0]:.0f} to {values[-1]:.0f})"

    return Row(
        key,
        what,
        median(load["numbers"] for load in loads),
        "ms",
        at_most(limit),
        {"numbers": shown("numbers"), "charts": shown("charts")},
    )
