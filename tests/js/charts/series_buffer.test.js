import assert from "node:assert/strict";
import { test } from "node:test";

import { networkRates, SeriesBuffer } from "../../../dashboard/static/avatar_monitoring/charts/series_buffer.js";

function sample(seq, { epoch = "a", timestamp = 1000 + seq, cpu = 10, sent = seq, p50 = 5, live = true } = {}) {
    return {
        seq,
        epoch,
        timestamp,
        live,
        system: { cpu_percent: cpu, memory_percent: 50, network_sent_mb: sent, network_recv_mb: sent },
        server: { active_connections: 3, messages_per_second: 1, average_latency_ms: p50 ?? 0, p50_latency_ms: p50, p95_latency_ms: p50, p99_latency_ms: p50 },
    };
}

function filled(...samples) {
    const buffer = new SeriesBuffer({ capacity: 10 });
    for (const one of samples) buffer.add(one);
    return buffer;
}

test("samples that are announced to come less often leave no gap", () => {
    const buffer = new SeriesBuffer({ interval: 1 });
    const at = (timestamp, seq, interval) => ({ timestamp, seq, epoch: "e", interval, system: { cpu_percent: 1 }, server: { p50_latency_ms: null, monitor: { interval } } });
    for (const sample of [at(10, 1, 1), at(11, 2, 4), at(15, 3, 4), at(19, 4, 1), at(20, 5, 1), at(24, 6, 1)]) buffer.add(sample);
    assert.deepEqual(buffer.columns.time, [10, 11, 15, 19, 20, 21, 24]);
});

test("samples become columns", () => {
    const buffer = filled(sample(1), sample(2, { cpu: 20 }));
    assert.deepEqual(buffer.columns.time, [1001, 1002]);
    assert.deepEqual(buffer.columns.cpu_percent, [10, 20]);
});

test("a sample is not added twice", () => {
    const buffer = filled(sample(1), sample(2));
    assert.equal(buffer.add(sample(2)), false);
    assert.equal(buffer.add(sample(1)), false);
    assert.equal(buffer.length, 2);
});

test("the history after a reconnect fills in missed samples", () => {
    const buffer = filled(sample(1), sample(2));
    buffer.addHistory({ epoch: "a", samples: [1, 2, 3, 4].map((seq) => sample(seq)) });
    assert.deepEqual(buffer.columns.time, [1001, 1002, 1003, 1004]);
});

test("missing seconds are a gap and not a line", () => {
    const buffer = filled(sample(1), sample(5));
    assert.deepEqual(buffer.columns.time, [1001, 1002, 1005]);
    assert.deepEqual(buffer.columns.cpu_percent, [10, null, 10]);
});

test("a late tick is no gap", () => {
    assert.equal(filled(sample(1), sample(2, { timestamp: 1002.6 })).length, 2);
});

test("only the newest samples are kept", () => {
    const buffer = filled(...Array.from({ length: 30 }, (_, index) => sample(index + 1)));
    assert.equal(buffer.length, 10);
    assert.equal(buffer.columns.cpu_percent.length, 10);
    assert.equal(buffer.columns.time.at(-1), 1030);
});

test("a server whose clock is far behind starts a new series", () => {
    const buffer = filled(sample(50), sample(1, { epoch: "b", timestamp: 500 }));
    assert.deepEqual(buffer.columns.time, [500]);
});

test("the old history of another server is ignored", () => {
    const buffer = filled(sample(50));
    buffer.addHistory({ epoch: "b", samples: [sample(1, { timestamp: 500, live: false })] });
    assert.deepEqual(buffer.columns.time, [1050]);
});

test("network rates are bytes per second between two samples", () => {
    assert.deepEqual(networkRates(sample(1, { sent: 10 }), sample(3, { sent: 12 })), { sent: 1048576, received: 1048576 });
});

test("there is no rate at first, after a restart or after a reset of a counter", () => {
    const unknown = { sent: null, received: null };
    assert.deepEqual(networkRates(null, sample(1)), unknown);
    assert.deepEqual(networkRates(sample(1), sample(2, { epoch: "b" })), unknown);
    assert.deepEqual(networkRates(sample(1, { sent: 10 }), sample(2, { sent: 1 })), unknown);
    assert.deepEqual(networkRates(sample(1, { sent: null }), sample(2)), unknown);
    assert.deepEqual(networkRates(sample(1), sample(2, { sent: null })), unknown);
});

test("readings that are not collected stay null", () => {
    assert.deepEqual(filled(sample(1, { cpu: null })).columns.cpu_percent, [null]);
});

test("a latency that was never measured is not 0", () => {
    assert.deepEqual(filled(sample(1, { p50: null })).columns.average_latency_ms, [null]);
});

test("a window has the last seconds of the wanted columns", () => {
    const buffer = filled(...[1, 2, 3, 4].map((seq) => sample(seq)));
    assert.deepEqual(buffer.window(2, ["active_connections"]), [[1002, 1003, 1004], [3, 3, 3]]);
    assert.deepEqual(new SeriesBuffer().window(60, ["cpu_percent"]), [[], []]);
});

test("the first received sample gets its network rates from the past", () => {
    const buffer = filled(sample(1), sample(2));
    assert.equal(buffer.columns.sent[0], null);
    buffer.merge({ time: [1000, 1001.1], sent: [7, 8], received: [3, 4] });
    assert.deepEqual(buffer.columns.sent.slice(0, 2), [7, 8]);
    assert.deepEqual(buffer.columns.time, [1000, 1001, 1002]);
});

test("a copy does not change", () => {
    const buffer = filled(sample(1), sample(2));
    const copy = buffer.copy();
    buffer.add(sample(3));
    assert.deepEqual(copy.window(60, ["cpu_percent"]), [[1001, 1002], [10, 10]]);
    assert.equal(buffer.length, 3);
});

test("the network's rates are made from whole bytes, or from MB where a server tells no bytes", () => {
    const reading = (seq, bytes, mb) => ({ epoch: "a", timestamp: 1000 + seq, system: { network_sent_bytes: bytes, network_recv_bytes: bytes, network_sent_mb: mb, network_recv_mb: mb } });
    assert.deepEqual(networkRates(reading(1, 5000, 0.005), reading(3, 5301, 0.005)), { sent: 150.5, received: 150.5 });
    assert.deepEqual(networkRates(reading(1, undefined, 1), reading(2, undefined, 1.5)), { sent: 524288, received: 524288 });
    assert.deepEqual(networkRates(reading(1, undefined, 1), reading(2, 5, 1.5)), { sent: 524288, received: 524288 });
    assert.deepEqual(networkRates(reading(1, 5, 1), reading(2, 4, 1)), { sent: null, received: null });
});
