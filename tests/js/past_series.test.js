import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, PastSeries } from "../../dashboard/static/dashboard/past_series.js";
import { gapped } from "../../dashboard/static/dashboard/gaps.js";
import { pastFrame } from "../../dashboard/static/dashboard/past_frame.js";
import { answerOf } from "./past_answers.js";

const part = (start, times, step = 1) => ({ start, step, columns: columnsOf(answerOf(times, { step })) });
const never = () => false;

function seriesOf(at, ...parts) {
    const series = new PastSeries();
    series.replace(never, parts);
    series.at = at;
    return series;
}

test("each gap has a row of nulls, and duplicates appear once", () => {
    const { columns, rows } = gapped({ time: [1, 2, 2, 5], cpu: [1, 2, 3, 4] }, () => 1);
    assert.deepEqual(columns, { time: [1, 2, 3, 5], cpu: [1, 2, null, 4] });
    assert.deepEqual(rows, [0, 1, null, 3]);
});

test("rates arrive in megabytes and are converted to bytes, as on the live page", () => {
    const { sent, received } = columnsOf(answerOf([1]));
    assert.deepEqual([sent, received], [[1048576], [null]]);
});

test("a window ends at the shown second", () => {
    const series = seriesOf(103, part(100, [100, 101, 102, 103, 104, 105]));
    assert.deepEqual(series.window(2, ["cpu"]), [[101, 102, 103], [101, 102, 103]]);
});

test("a window keeps its length where nothing is known", () => {
    const series = seriesOf(110, part(100, [104, 105]));
    assert.deepEqual(series.window(20, ["cpu"]), [[90, 104, 105, 110], [null, 104, 105, null]]);
    assert.deepEqual(seriesOf(50).window(20, ["cpu"]), [[30, 50], [null, null]]);
});

test("an unmeasured second breaks the line and has no row", () => {
    const series = seriesOf(102, part(100, [100, 101, 103]));
    assert.equal(series.row(), null);
    assert.deepEqual(series.rates(), { sent: null, received: null });
    series.at = 103;
    assert.deepEqual(series.window(3, ["cpu"])[1], [100, 101, null, 103]);
    assert.equal(series.row().cpu, 103);
});

test("a minute applies to all its seconds", () => {
    const series = seriesOf(179, part(60, [60, 120], 60));
    assert.equal(series.row().cpu, 120);
    assert.deepEqual(series.window(60, ["cpu"]), [[119, 120, 179], [null, 120, 120]]);
    series.at = 180;
    assert.equal(series.row(), null);
});

test("minutes and the seconds after them are one line", () => {
    const series = seriesOf(182, part(180, [180, 181, 182]), part(60, [60, 120], 60));
    assert.deepEqual(series.window(122, ["cpu"]), [[60, 120, 180, 181, 182], [60, 120, 180, 181, 182]]);
});

test("a part replaces the older ones", () => {
    const series = seriesOf(101, part(100, [100]));
    series.replace((start) => start === 100, [part(100, [100, 101])]);
    assert.equal(series.row().cpu, 101);
});

test("a frame of the past has the keys of a live one, and null for what was not kept", () => {
    const series = seriesOf(100, part(100, [100]));
    const { system, server, timestamp, isPast } = pastFrame(100, series.row(), null);
    assert.deepEqual([timestamp, isPast, system.cpu_percent, server.active_connections], [100, true, 100, 100]);
    assert.deepEqual([system.memory_total_mb, server.viewers, server.errors, server.uptime_seconds, server.monitor], [null, null, null, null, undefined]);
});

test("in an unknown second every number is null", () => {
    const { system, server } = pastFrame(100, null, null);
    const numbers = [...Object.values(system), ...Object.values(server)];
    assert.deepEqual(numbers.filter((value) => value !== null), []);
});

test("nodes, alerts and clients are those of the moment", () => {
    const node = { node: "vm:1", host: "vm", active_connections: 3, messages_per_second: 2, cpu_percent: 9 };
    const frame = pastFrame(100, null, { at: 99, nodes: [node], alerts: [{ metric: "cpu_percent" }], clients: [{}], clients_total: 5, clients_matched: 1 });
    assert.deepEqual([frame.clients_at, frame.clients_total, frame.clients_matched, frame.alerts.length], [99, 5, 1, 1]);
    assert.deepEqual(frame.nodes[0].server, { active_connections: 3, messages_per_second: 2, p95_latency_ms: null, uptime_seconds: null });
});
