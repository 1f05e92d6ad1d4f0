import assert from "node:assert/strict";
import { test } from "node:test";

import { DrawingLevel, LEVELS } from "../../../avatar_site/static/avatar_site/drawing_level.js";

/** Draws for `seconds` with `span(index)` milliseconds between frames, and returns when the drawing ended and each level it had. */
function draw(drawing, { from = 0, seconds, span, cost = 0 }) {
    const names = [drawing.level.name];
    let now = from;
    for (let index = 0; now < from + seconds * 1000; index += 1) {
        now += span(index);
        if (drawing.frame(now, cost)) names.push(drawing.level.name);
    }
    return { now, names };
}

const smooth = () => 1000 / 60;
const late = () => 40;

test("a page that draws in time draws everything", () => {
    assert.deepEqual(draw(new DrawingLevel(), { seconds: 60, span: smooth }).names, ["full"]);
});

test("late frames make the drawing cheaper, step by step", () => {
    const drawing = new DrawingLevel();
    assert.deepEqual(draw(drawing, { seconds: 30, span: late }).names, LEVELS.map((level) => level.name));
    assert.equal(drawing.level.skips, 2);
});

test("a few late frames change nothing", () => {
    const span = (index) => (index % 20 === 0 ? 60 : 1000 / 60);
    assert.deepEqual(draw(new DrawingLevel(), { seconds: 60, span }).names, ["full"]);
});

test("frames that take the page long to draw count as late before they are", () => {
    assert.notEqual(draw(new DrawingLevel(), { seconds: 5, span: smooth, cost: 12 }).names.at(-1), "full");
});

test("once frames are in time it draws more again, but not at once", () => {
    const drawing = new DrawingLevel();
    const { now } = draw(drawing, { seconds: 4, span: late });
    draw(drawing, { from: now, seconds: 2, span: smooth });
    const before = drawing.level.name;
    assert.equal(draw(drawing, { from: now + 2000, seconds: 5, span: smooth }).names.at(-1), before, "it waits");
    draw(drawing, { from: now + 7000, seconds: 60, span: smooth });
    assert.equal(drawing.level.name, "full");
});

test("a level that was too much is tried again less and less often", () => {
    const drawing = new DrawingLevel();
    let now = 0;
    const changes = [];
    while (now < 300_000) {
        now += drawing.level.name === "full" ? 40 : 1000 / 60;
        if (drawing.frame(now)) changes.push([drawing.level.name, now]);
    }
    const rises = changes.filter(([name]) => name === "full").map(([, at]) => at);
    const waits = rises.slice(1).map((at, index) => at - rises[index]);
    assert.ok(rises.length < 8, `${rises.length} attempts in five minutes`);
    assert.ok(waits.at(-1) > 2 * waits[0]);
});

test("a display of 144 Hz is never late, and one of 30 Hz is found to be no fault of the page", () => {
    assert.deepEqual(draw(new DrawingLevel(), { seconds: 60, span: () => 1000 / 144 }).names, ["full"]);
    const drawing = new DrawingLevel();
    const { now } = draw(drawing, { seconds: 60, span: () => 1000 / 30 });
    assert.equal(drawing.level.name, "full");
    assert.deepEqual(draw(drawing, { from: now, seconds: 60, span: () => 1000 / 30 }).names, ["full"]);
});

test("the pause of a hidden tab is no late frame", () => {
    const drawing = new DrawingLevel();
    const { names } = draw(drawing, { seconds: 300, span: (index) => (index % 30 === 0 ? 5000 : 1000 / 60) });
    assert.deepEqual(names, ["full"]);
});
