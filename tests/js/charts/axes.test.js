import assert from "node:assert/strict";
import { test } from "node:test";

import { byteSteps, rangeOf, shortened, timeLabels, valueRange } from "../../../dashboard/static/avatar_monitoring/charts/axes.js";

test("ranges start at 0 and include the limit once values come close", () => {
    assert.deepEqual(valueRange(10, { ceiling: 100 }), [0, 100]);
    assert.deepEqual(valueRange(null, { least: 4 }), [0, 4]);
    assert.equal(valueRange(10, { threshold: 100 })[1], 11.5);
    assert.ok(valueRange(60, { threshold: 100 })[1] > 100);
    assert.deepEqual(rangeOf("%", 80).ceiling, 100);
});

test("a project's own gauge may be small, below zero or above a hundred percent", () => {
    const range = rangeOf("orders", undefined, true);
    assert.deepEqual(valueRange(0.2, range, 0.1), [0, 0.22999999999999998]);
    assert.deepEqual(valueRange(-1, range, -10), [-11.5, 0]);
    assert.deepEqual(valueRange(0, range, 0), [0, 1]);
    assert.deepEqual(valueRange(150, rangeOf("%", undefined, true), 0), [0, 150]);
});

test("ticks of bytes are powers of two", () => {
    assert.ok(byteSteps().includes(512 * 1024));
    assert.ok(!byteSteps().includes(1000));
});

test("ticks show the date where a day begins", () => {
    const midnight = new Date(2026, 10, 23).getTime() / 1000;
    assert.deepEqual(timeLabels([midnight, midnight + 7200], 7200), ["23 Nov", "02:00"]);
    assert.deepEqual(timeLabels([midnight + 5], 5), ["00:00:05"]);
    const months = [11, 12, 13].map((month) => new Date(2025, month, 1).getTime() / 1000);
    assert.deepEqual(timeLabels(months, 31 * 86_400), ["1 Dec", "2026", "1 Feb"]);
});

test("a value stands without a digit that says nothing, as each language writes it", () => {
    const asIs = (text) => text;
    assert.deepEqual(["80.0 %", "80.0%", "80,0 %", "8.0", "80.5 %", "1,000 ms", "1.05 s"].map((text) => shortened(text, asIs)), ["80 %", "80%", "80 %", "8", "80.5 %", "1,000 ms", "1.05 s"]);
});
