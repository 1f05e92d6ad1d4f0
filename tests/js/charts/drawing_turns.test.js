import assert from "node:assert/strict";
import { test } from "node:test";

import { DrawingTurns } from "../../../dashboard/static/avatar_monitoring/charts/drawing_turns.js";

const HOUR = 3600;
const WIDTH = 330;

/** Which of the next updates, a second apart, are drawn. */
function drawn(turns, seconds, { updates = 6, span = HOUR, width = WIDTH, step = 1 } = {}) {
    return Array.from({ length: updates }, (_, index) => turns.isDue({ min: seconds + index * step - span, max: seconds + index * step }, width));
}

test("an hour, which moves by a tenth of a pixel a second, is drawn every second time", () => {
    assert.deepEqual(drawn(new DrawingTurns(0), 9_000), [true, true, false, true, false, true]);
});

test("charts take turns", () => {
    const [first, second] = [drawn(new DrawingTurns(0), 9_000), drawn(new DrawingTurns(1), 9_000)];
    for (const index of [1, 2, 3, 4, 5]) assert.notEqual(first[index], second[index]);
});

test("five minutes, a wide chart and slow updates are drawn each time", () => {
    const all = Array(6).fill(true);
    assert.deepEqual(drawn(new DrawingTurns(0), 9_000, { span: 300 }), all);
    assert.deepEqual(drawn(new DrawingTurns(0), 9_000, { width: 1_200 }), all);
    assert.deepEqual(drawn(new DrawingTurns(0), 9_000, { step: 5 }), all);
});

test("at least every third update is drawn", () => {
    assert.deepEqual(drawn(new DrawingTurns(0), 9_000, { width: 20, updates: 7 }), [true, false, true, false, false, true, false]);
});

test("another range, an earlier moment and the same moment again are drawn at once", () => {
    const turns = new DrawingTurns(0);
    drawn(turns, 9_000, { updates: 3 });
    assert.ok(turns.isDue({ min: 9_003 - 900, max: 9_003 }, WIDTH));
    assert.ok(turns.isDue({ min: 8_000 - HOUR, max: 8_000 }, WIDTH));
    assert.ok(turns.isDue({ min: 8_000 - HOUR, max: 8_000 }, WIDTH));
});

test("a chart without rows is drawn", () => {
    assert.ok(new DrawingTurns(0).isDue({ min: undefined, max: undefined }, WIDTH));
});
