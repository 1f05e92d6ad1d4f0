import assert from "node:assert/strict";
import { test } from "node:test";

import { costValues, guardValues, stretchedText } from "../../dashboard/static/dashboard/cost_values.js";
import { SeriesBuffer } from "../../dashboard/static/dashboard/series_buffer.js";

const monitor = { cpu_ms: 0.624, cpu_percent: 0.062, budget_percent: 1, tick_lag_ms: 0.4, loop_lag_ms: 12.3, bytes_broadcast: 1830, interval: 1, stretched: false };
const frame = (changes = {}, cost = {}) => ({ interval: 1, stretched: false, server: { monitor: { ...monitor, ...cost }, paused_reads: 2, closed_slow: 0, refused_messages: 1234, skipped_frames: 5 }, ...changes });

test("each cost has a number, a unit and an explanation", () => {
    const { cpu, share, sent, tickLag, loopLag, interval } = costValues(frame(), 1);
    assert.deepEqual([cpu, share, sent, tickLag, loopLag, interval].map(({ text, unit }) => `${text} ${unit}`), ["0.62 ms", "0.062 %", "1.8 KB", "0.40 ms", "12.3 ms", "1 s"]);
    assert.deepEqual([share.note, share.band, interval.note], ["of a core, budget 1 %", "normal", "as configured"]);
});

test("a share near or over its budget is visible", () => {
    assert.deepEqual([0.5, 0.9, 1.2].map((cpu_percent) => costValues(frame({}, { cpu_percent }), 1).share.band), ["normal", "warning", "breach"]);
});

test("before the first tick nothing was spent", () => {
    const { cpu, sent } = costValues(frame({}, { cpu_ms: 0, bytes_broadcast: 0 }), 1);
    assert.deepEqual([cpu.text, sent.text], ["0", "0"]);
});

test("a stretched interval says so", () => {
    assert.equal(stretchedText(frame(), 1), "");
    const stretched = frame({ interval: 4, stretched: true }, { interval: 4, stretched: true });
    assert.match(stretchedText(stretched, 1), /every 4 s instead of every 1 s/);
    assert.equal(costValues(stretched, 1).interval.note, "instead of 1 s");
    assert.match(stretchedText(frame({}, { interval: 2, stretched: true }), 1), /^A node measures every 2 s only/);
});

test("the guards' counters are whole numbers", () => {
    assert.deepEqual(guardValues(frame()), { paused_reads: "2", closed_slow: "0", refused_messages: "1,234", skipped_frames: "5", refused: "0" });
});

test("announced longer pauses between samples leave no gap", () => {
    const buffer = new SeriesBuffer({ interval: 1 });
    const at = (timestamp, seq, interval) => ({ timestamp, seq, epoch: "e", interval, system: { cpu_percent: 1 }, server: { p50_latency_ms: null, monitor: { interval } } });
    for (const sample of [at(10, 1, 1), at(11, 2, 4), at(15, 3, 4), at(19, 4, 1), at(20, 5, 1), at(24, 6, 1)]) buffer.add(sample);
    assert.deepEqual(buffer.columns.time, [10, 11, 15, 19, 20, 21, 24]);
});

test("refused connections are listed by cause, the most frequent first", () => {
    const { server } = frame();
    const refused = { name: 2, not_signed_in: 1000 };
    assert.equal(guardValues({ server: { ...server, refused } }).refused, "1,002 (not signed in 1,000, name 2)");
});
