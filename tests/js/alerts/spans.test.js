import assert from "node:assert/strict";
import { test } from "node:test";

import { AlertRegions, Episodes } from "../../../dashboard/static/avatar_monitoring/alerts/spans.js";

const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

function episodes(now = noon) {
    const all = new Episodes();
    const started_at = new Date((noon - 600) * 1000).toISOString();
    all.take({ alerts: [
        { metric: "cpu_percent", severity: "warning", started_at, ended_at: new Date((noon - 300) * 1000).toISOString() },
        { metric: "latency_ms", severity: "info", started_at, ended_at: null },
    ] }, now);
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
});

test("spans that the page received replace stored ones", () => {
    const live = [{ start: noon - 600, end: noon + 5 }];
    assert.deepEqual(episodes().of("latency_ms", noon + 9, live), live);
    assert.equal(new Episodes().of("latency_ms", noon + 9, live).length, 1);
});

test("marks are shares of the timeline", () => {
    const marks = episodes().marks(noon - 450, noon + 150);
    assert.deepEqual(marks, [{ x: 0, width: 0.25, severity: "warning" }, { x: 0, width: 0.75, severity: "info" }]);
    assert.deepEqual(episodes().marks(noon + 1, noon + 2), []);
});
