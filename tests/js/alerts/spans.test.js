import assert from "node:assert/strict";
import { test } from "node:test";

import { AlertRegions, alertURL, Episodes, sharesOf } from "../../../dashboard/static/avatar_monitoring/alerts/spans.js";

const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

function episodes(now = noon) {
    const all = new Episodes();
    all.take([
        { metric: "cpu_percent", severity: "warning", start: noon - 600, end: noon - 300, message: "High CPU", url: "/alerts/1/" },
        { metric: "latency_ms", severity: "info", start: noon - 600, end: null, message: "Slow", url: "/alerts/2/" },
    ], now);
    return all;
}

test("alerts become spans of time, one per episode", () => {
    const regions = new AlertRegions();
    const alert = { metric: "cpu_percent", subject: "vm", timestamp: 98, message: "High CPU" };
    for (const now of [100, 101, 102]) regions.update([alert], now, 1);
    regions.update([{ ...alert, timestamp: 200 }], 200, 1);
    assert.deepEqual(regions.of("cpu_percent").map(({ start, end }) => [start, end]), [[98, 102], [200, 200]]);
    assert.deepEqual(regions.of("latency_ms"), []);
    regions.update([], 200 + 3601, 1);
    assert.deepEqual(regions.of("cpu_percent"), []);
});

test("spans end at the shown moment", () => {
    const spans = (metric, until) => episodes().of(metric, until).map(({ start, end }) => [start - noon, end - noon]);
    assert.deepEqual(spans("cpu_percent", noon), [[-600, -300]]);
    assert.deepEqual(spans("cpu_percent", noon - 400), [[-600, -400]]);
    assert.deepEqual(spans("cpu_percent", noon - 700), []);
    assert.deepEqual(spans("latency_ms", noon + 99), [[-600, 0]]);
    const own = (metric) => episodes().of(metric, noon - 400).map(({ until }) => until);
    assert.deepEqual([own("cpu_percent"), own("latency_ms")], [[noon - 300], [null]]);
});

test("a span that the page received itself has the present value, and the page of the stored one", () => {
    const live = [{ start: noon - 601, end: noon + 5, message: "Slower still", url: "/alerts/?rule=latency_ms" }];
    assert.deepEqual(episodes().of("latency_ms", noon + 9, live), [{ ...live[0], url: "/alerts/2/", isOpen: true, until: null }]);
    assert.deepEqual(new Episodes().of("latency_ms", noon + 9, live), [{ ...live[0], until: noon + 5 }]);
});

test("an alert that newer ones have pushed out of the frames goes on as it is stored", () => {
    const live = [{ start: noon - 600, end: noon - 590, message: "Slow", url: "" }];
    assert.deepEqual(episodes().of("latency_ms", noon + 9, live).map(({ end }) => end - noon), [0]);
});

test("a span says what fires with its present value, and that it still does", () => {
    const regions = new AlertRegions({ urlOf: (alert) => alertURL("/alerts/", alert) });
    const alert = { metric: "cpu_percent", subject: "vm 1", timestamp: 98, current: 91, peak: 91, value: 90, threshold: 80 };
    regions.update([alert], 100, 1);
    regions.update([{ ...alert, current: 97 }], 101, 1);
    const [span] = regions.of("cpu_percent");
    assert.deepEqual([span.message, span.isOpen, span.url], ["CPU of vm 1 is 97 %, the limit is 80 %", true, "/alerts/?rule=cpu_percent&subject=vm+1"]);
    regions.update([], 120, 1);
    assert.equal(regions.of("cpu_percent")[0].isOpen, false);
});

test("regions are shares of the timeline", () => {
    const regions = [{ start: noon - 600, end: noon - 300, severity: "warning" }, { start: noon - 600, end: noon, severity: "info" }];
    const shares = sharesOf(regions, noon - 450, noon + 150).map(({ x, width, at, severity }) => [x, width, at - noon, severity]);
    assert.deepEqual(shares, [[0, 0.25, -600, "warning"], [0, 0.75, -600, "info"]]);
    assert.deepEqual(sharesOf(regions, noon + 1, noon + 2), []);
});
