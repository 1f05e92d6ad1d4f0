import assert from "node:assert/strict";
import { test } from "node:test";

import { columns, filledRows, inBytes, partlyMeasured, withoutTitle } from "../../../dashboard/static/avatar_monitoring/trends/data.js";

const cpu = { label: "CPU", average: [10, null, 30], minimum: [5, null, 20], maximum: [15, null, 90], p50: [], p95: [], p99: [], coverage: [1, 0, 0.5] };

test("an average has a band from minimum to maximum behind it", () => {
    const { data, lines, bands } = columns([0, 60, 120], [cpu]);
    assert.deepEqual(data, [[0, 60, 120], cpu.maximum, cpu.minimum, cpu.average]);
    assert.deepEqual(bands.map(({ series }) => series), [[1, 2]]);
    assert.deepEqual(lines.map(({ label, column }) => [label, column]), [["average", 3]]);
});

test("percentiles are separate lines", () => {
    const latency = { ...cpu, p50: [1, null, 1], p95: [2, null, 2], p99: [3, null, 3] };
    assert.deepEqual(columns([0, 60, 120], [latency]).lines.map(({ label }) => label), ["average", "p50", "p95", "p99"]);
});

test("two series of a chart are told apart by name and colour", () => {
    const { lines } = columns([0, 60, 120], [{ ...cpu, label: "Sent" }, { ...cpu, label: "Received" }]);
    assert.deepEqual(lines.map(({ label }) => label), ["Sent", "Received"]);
    assert.notEqual(lines[0].color, lines[1].color);
});

test("the earlier period is a dimmed line below the others, named last", () => {
    const { data, lines } = columns([0, 60, 120], [{ ...cpu, earlier: [7, 8, 9] }]);
    assert.deepEqual(lines.map(({ label, column }) => [label, column]), [["average", 4], ["before", 3]]);
    assert.deepEqual(data[3], [7, 8, 9]);
    assert.ok(lines[1].alpha < 1 && lines[1].isEarlier);
});

test("each of two series is compared with one line", () => {
    const earlier = [1, 2, 3];
    const { lines } = columns([0, 60, 120], [{ ...cpu, label: "Sent", earlier }, { ...cpu, label: "Received", earlier }]);
    assert.deepEqual(lines.map(({ label }) => label), ["Sent", "Sent before", "Received", "Received before"]);
});

test("the table lists the newest filled buckets first", () => {
    assert.deepEqual(filledRows([cpu]), [2, 0]);
    assert.deepEqual(filledRows([{ average: [null] }]), []);
});

test("partly measured neighbours form one stretch; gaps and whole buckets do not count", () => {
    const stretches = partlyMeasured([0, 60, 120, 180, 240], [0.5, 0.9, 0, 1, 0.2], 60);
    assert.deepEqual(stretches, [{ start: 0, end: 120 }, { start: 240, end: 300 }]);
});

test("MB per second become bytes per second, gaps stay gaps", () => {
    const total = { average: 20, minimum: 5, maximum: 90, maximum_at: 120, before: null };
    const chart = inBytes({ unit: "MB/s", series: [{ ...cpu, earlier: [1, null, 2], total }] });
    assert.equal(chart.unit, "B/s");
    assert.deepEqual(chart.series[0].minimum, [5 * 1048576, null, 20 * 1048576]);
    assert.deepEqual(chart.series[0].earlier, [1048576, null, 2 * 1048576]);
    assert.deepEqual(chart.series[0].total, { average: 20 * 1048576, minimum: 5 * 1048576, maximum: 90 * 1048576, maximum_at: 120, before: null });
    const percent = { unit: "%", series: [cpu] };
    assert.equal(inBytes(percent), percent);
});

test("a series' name does not repeat the chart's", () => {
    assert.equal(withoutTitle("Network sent", "Network"), "Sent");
    assert.equal(withoutTitle("CPU", "CPU"), "CPU");
});
