import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, PastSeries } from "../../../dashboard/static/avatar_monitoring/past/series.js";
import { pastFrame } from "../../../dashboard/static/avatar_monitoring/past/frame.js";
import { answerOf } from "./answers.js";

const part = (start, times, step = 1) => ({ start, step, columns: columnsOf(answerOf(times, { step })) });
const never = () => false;

function seriesOf(at, ...parts) {
    const series = new PastSeries();
    series.replace(never, parts);
    series.at = at;
    return series;
}

test("a frame of the past has the keys of a live one, and null for what was not kept", () => {
    const series = seriesOf(100, part(100, [100]));
    const { system, server, timestamp, isPast } = pastFrame(100, series.row(), null);
    assert.deepEqual([timestamp, isPast, system.cpu_percent, server.active_connections], [100, true, 100, 100]);
    assert.deepEqual([system.memory_total_mb, server.viewers, server.errors, server.uptime_seconds, server.monitor], [null, null, null, null, undefined]);
});

test("if a second is not known, every number is null", () => {
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
