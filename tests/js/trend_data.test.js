import assert from "node:assert/strict";
import { test } from "node:test";

import { columns, coverageOf, filledRows, inBytes, spansAt, summary, withoutTitle } from "../../dashboard/static/dashboard/trend_data.js";

const cpu = { label: "CPU", average: [10, null, 30], minimum: [5, null, 20], maximum: [15, null, 90], p50: [], p95: [], p99: [], coverage: [1, 0, 0.5] };

test("an average has a band from lowest to highest behind it", () => {
    const { data, lines, bands } = columns([0, 60, 120], [cpu]);
    assert.deepEqual(data, [[0, 60, 120], cpu.maximum, cpu.minimum, cpu.average]);
    assert.deepEqual(bands.map(({ series }) => series), [[1, 2]]);
    assert.deepEqual(lines.map(({ label, column }) => [label, column]), [["average", 3]]);
});

test("percentiles are lines of their own where there are any", () => {
    const latency = { ...cpu, p50: [1, null, 1], p95: [2, null, 2], p99: [3, null, 3] };
    assert.deepEqual(columns([0, 60, 120], [latency]).lines.map(({ label }) => label), ["average", "p50", "p95", "p99"]);
});

test("two series of a chart are told apart by name and colour", () => {
    const { lines } = columns([0, 60, 120], [{ ...cpu, label: "Sent" }, { ...cpu, label: "Received" }]);
    assert.deepEqual(lines.map(({ label }) => label), ["Sent", "Received"]);
    assert.notEqual(lines[0].color, lines[1].color);
});

test("the average weighs each bucket by how much of it was measured", () => {
    assert.deepEqual(summary(cpu), { average: 25 / 1.5, maximum: 90, minimum: 5 });
});

test("nothing measured has no summary", () => {
    const empty = { average: [null], minimum: [null], maximum: [null], coverage: [0] };
    assert.deepEqual(summary(empty), { average: null, maximum: null, minimum: null });
});

test("the table has the newest filled buckets first", () => {
    assert.deepEqual(filledRows([cpu], 10), [2, 0]);
    assert.deepEqual(filledRows([cpu], 1), [2]);
});

test("alerts are found under the cursor and a little beside it", () => {
    const spans = [{ start: 100, end: 200 }];
    assert.deepEqual([90, 96, 150, 204, 210].map((moment) => spansAt(spans, moment, 5).length), [0, 1, 1, 1, 0]);
});

test("coverage is that of the best covered chart", () => {
    assert.equal(coverageOf([{ series: [cpu] }, { series: [{ ...cpu, coverage: [0, 0, 0] }] }]), 0.5);
    assert.equal(coverageOf([]), 0);
});

test("MB per second become bytes per second, gaps stay gaps", () => {
    const chart = inBytes({ unit: "MB/s", series: [cpu] });
    assert.equal(chart.unit, "B/s");
    assert.deepEqual(chart.series[0].minimum, [5 * 1048576, null, 20 * 1048576]);
    const percent = { unit: "%", series: [cpu] };
    assert.equal(inBytes(percent), percent);
});

test("a series is not called after its chart again", () => {
    assert.equal(withoutTitle("Network sent", "Network"), "Sent");
    assert.equal(withoutTitle("CPU", "CPU"), "CPU");
});
