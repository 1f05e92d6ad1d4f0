import assert from "node:assert/strict";
import { test } from "node:test";

import { FPSCounter, refreshRate } from "../../../dashboard/static/avatar_monitoring/lib/fps_counter.js";

function drawn(counter, times) {
    for (const time of times) counter.recordFrame(time);
    return counter;
}

function frames(count, { from = 0, every = 1000 / 60 } = {}) {
    return Array.from({ length: count }, (_, index) => from + index * every);
}

test("it starts with the documented values", () => {
    const counter = new FPSCounter();
    assert.deepEqual([counter.frameCount, counter.fps, counter.frameTime], [0, 60, 16.67]);
});

test("it measures a steady rate", () => {
    const counter = drawn(new FPSCounter(), frames(120, { every: 20 }));
    assert.equal(counter.getFPS(), 50);
    assert.equal(counter.frameTime, 20);
    assert.equal(counter.frameCount, 120);
});

test("the time is optional", () => {
    const counter = new FPSCounter();
    counter.recordFrame();
    assert.equal(counter.frameCount, 1);
});

test("the slowest hundredth differs from the average", () => {
    const counter = drawn(new FPSCounter(), [...frames(200, { every: 10 }), 1990 + 100]);
    assert.ok(counter.getFPS() > 60);
    assert.ok(counter.lowFPS < 20);
});

test("frames longer than 50 ms are counted until they are reported", () => {
    const counter = drawn(new FPSCounter(), [0, 16, 100, 116]);
    assert.equal(counter.report().long_frames, 1);
    assert.equal(counter.report().long_frames, 0);
});

test("the pause of a hidden tab is neither a long frame nor a low rate", () => {
    const counter = drawn(new FPSCounter(), [...frames(60), ...frames(60, { from: 60_000 })]);
    assert.equal(counter.longFrames, 0);
    assert.ok(counter.getFPS() > 55);
    assert.ok(counter.lowFPS > 55);
});

test("a short hidden time does not count either if it was reported", () => {
    const counter = drawn(new FPSCounter(), [0, 16]);
    counter.setHidden(true);
    counter.setHidden(false);
    drawn(counter, [400, 416]);
    assert.equal(counter.longFrames, 0);
});

test("the report has the keys of the telemetry message", () => {
    const report = drawn(new FPSCounter(), frames(61)).report();
    assert.deepEqual(Object.keys(report), ["fps", "frame_time_ms", "low_fps", "long_frames", "hidden"]);
    assert.equal(report.fps, 60);
    assert.equal(report.hidden, false);
});

test("its memory is bounded", () => {
    const counter = drawn(new FPSCounter(), frames(5000));
    assert.ok(counter.recent.length <= 600);
});

test("there is no report before the first frames, unless the tab is hidden", () => {
    const counter = new FPSCounter();
    assert.equal(counter.hasReport, false);
    counter.setHidden(true);
    assert.equal(counter.hasReport, true);
    assert.equal(drawn(new FPSCounter(), frames(61)).hasReport, true);
});

test("a report covers all that was drawn since the last one", () => {
    const counter = drawn(new FPSCounter(), [...frames(51, { every: 20 }), ...frames(100, { from: 1010, every: 10 })]);
    assert.ok(Math.abs(counter.report().fps - 75) < 1);
    assert.equal(counter.hasReport, false);
    drawn(counter, frames(10, { from: 2010, every: 10 }));
    assert.equal(counter.hasReport, true);
    assert.ok(Math.abs(counter.report().fps - 100) < 10);
});

test("a page that is known to be shown has stood still during a long pause", () => {
    const counter = new FPSCounter();
    counter.setHidden(false);
    drawn(counter, [0, 20, 3020, 60_000, 60_020]);
    assert.deepEqual([counter.longFrames, counter.report().fps], [1, 0.99]);
});

test("the refresh rate is that of the shortest frames", () => {
    const at = (spans) => spans.reduce((times, span) => [...times, times.at(-1) + span], [0]);
    assert.ok(Math.abs(refreshRate(at(Array(30).fill(1000 / 120))) - 120) < 0.01);
    assert.equal(Math.round(refreshRate(at(Array.from({ length: 30 }, (_, index) => (index % 3 ? 33.2 : 16.6))))), 60);
    assert.equal(refreshRate(at([16, 100, 240, 7])), null);
    assert.equal(refreshRate([]), null);
});
