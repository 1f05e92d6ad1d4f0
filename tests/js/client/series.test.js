import assert from "node:assert/strict";
import { test } from "node:test";

import { ClientSeries, ratesBetween } from "../../../dashboard/static/avatar_monitoring/client/series.js";

const second = (at, more = {}) => ({ at, connected_at: 90, node: "web:1", messages_received: 0, messages_sent: 0, bytes_received: 0, bytes_sent: 0, latency_ms: 5, ...more });

function answer(times, more = {}) {
    const nulls = times.map(() => null);
    const names = ["latency_ms", "kernel_rtt_ms", "handler_ms", "fps", "frame_time_ms", "unsent_bytes"];
    const rates = ["messages_received", "messages_sent", "bytes_received", "bytes_sent"].map((name) => `${name}_per_second`);
    const columns = { time: times, session: times.map(() => 0), seconds: times.map(() => 10), ...Object.fromEntries([...names, ...rates].map((name) => [name, nulls])), ...more };
    return { columns };
}

function filled(past, seconds) {
    const series = new ClientSeries();
    if (past) series.takePast(past);
    for (const one of seconds) series.takeSecond(one);
    return series;
}

test("rates are the differences between two seconds of one connection", () => {
    const rates = ratesBetween(second(100, { messages_received: 4, bytes_sent: 100 }), second(102, { messages_received: 10, bytes_sent: 300 }));
    assert.deepEqual([rates.messages_received_per_second, rates.bytes_sent_per_second, rates.messages_sent_per_second], [3, 100, 0]);
});

for (const [why, before, now] of [
    ["the first second has no predecessor", null, second(100)],
    ["another connection begins to count anew", second(100, { messages_received: 5 }), second(101, { connected_at: 100, messages_received: 9 })],
    ["another node has another connection", second(100), second(101, { node: "web:2", messages_received: 9 })],
    ["a count that went down is another one", second(100, { messages_received: 5 }), second(101, { messages_received: 1 })],
    ["what lies far apart says nothing of a second", second(100), second(300, { messages_received: 1 })],
]) {
    test(`${why}: the rate is not known`, () => assert.equal(ratesBetween(before, now).messages_received_per_second, null));
}

test("the window has times and columns, with null for what is not known", () => {
    const series = filled(null, [second(100), second(101, { latency_ms: null, messages_received: 2 }), second(102)]);
    assert.deepEqual(series.window(101, 200, ["latency_ms", "messages_received_per_second", "fps"]), [[101, 102], [null, 5], [2, null], [null, null]]);
});

test("seconds take the place of the steps that end with them", () => {
    const series = filled(answer([80, 90, 100], { latency_ms: [1, 2, 3] }), [second(99.8), second(101)]);
    assert.deepEqual(series.window(0, 200, ["latency_ms"]), [[80, 90, 99.8, 101], [1, 2, 5, 5]]);
});

test("a newer answer replaces the steps of the one before", () => {
    const series = filled(answer([80]), []);
    series.takePast(answer([90, 100]));
    assert.deepEqual(series.window(0, 200, [])[0], [90, 100]);
});

test("a line breaks where nothing was measured for long", () => {
    const series = filled(answer([100, 160], { latency_ms: [1, 2] }), []);
    assert.deepEqual(series.window(0, 200, ["latency_ms"]), [[100, 101, 160], [1, null, 2]]);
});

test("a step that is long because the node has many clients is no gap", () => {
    const series = filled(answer([100, 180], { seconds: [80, 80] }), []);
    assert.deepEqual(series.window(0, 200, [])[0], [100, 180]);
});

test("a second that is known already is not added again", () => {
    const series = filled(null, [second(100), second(101)]);
    assert.equal(series.takeSecond(second(100)), false);
    assert.equal(series.takeSecond(second(101)), false);
    assert.deepEqual(series.window(0, 200, [])[0], [100, 101]);
});

test("after the server's clock was set back, the page goes on with its new time", () => {
    const series = filled(null, [second(100), second(1_000), second(1_001)]);
    assert.equal(series.takeSecond(second(500)), true);
    assert.deepEqual(series.window(0, 2_000, [])[0].filter((time) => time !== 101), [100, 500]);
});

test("it knows which columns ever had a value", () => {
    const series = filled(answer([80], { kernel_rtt_ms: [3] }), [second(100)]);
    assert.deepEqual([series.knows(["fps", "kernel_rtt_ms"]), series.knows(["fps"]), series.first], [true, false, 80]);
    assert.equal(new ClientSeries().first, null);
});
