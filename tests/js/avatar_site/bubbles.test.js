import assert from "node:assert/strict";
import test from "node:test";

import { arranged, sizeOf } from "../../../avatar_site/static/avatar_site/bubbles.js";

const PHONE = { width: 332, height: 592 };
const HUD = { left: 8, top: 8, right: 324, bottom: 130 };
const measure = (text) => text.length * 7;

function speaker(x, y, start, text = "Hello everybody, it is a fine day") {
    return { actor: { speech: { text, start } }, place: { x, y }, radius: 25, ...sizeOf(text, PHONE, measure) };
}

function overlap(a, b) {
    return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

test("in a crowd on a phone no bubble covers another one", () => {
    const crowd = Array.from({ length: 12 }, (_, index) => speaker(40 + (index % 4) * 80, 200 + Math.floor(index / 4) * 130, index));
    const placed = arranged(crowd, null, PHONE, [HUD]);
    assert.ok(placed.length >= 4, `${placed.length} found room`);
    placed.forEach((one, index) => placed.slice(index + 1).forEach((other) => assert.ok(!overlap(one, other))));
    assert.ok(placed.every(({ left, top, width, height }) => left >= 0 && top >= 0 && left + width <= PHONE.width && top + height <= PHONE.height));
});

test("one's own bubble comes before the newest, and the newest before older ones", () => {
    const small = { width: 190, height: 120 };
    const [own, older, newest] = [speaker(95, 90, 0), speaker(95, 90, 1), speaker(95, 90, 2)];
    assert.deepEqual(arranged([own, older, newest], own.actor, small, []).map(({ actor }) => actor), [own.actor]);
    assert.deepEqual(arranged([older, newest], null, small, []).map(({ actor }) => actor), [newest.actor]);
});

test("a bubble stays at its side as long as there is room", () => {
    const high = speaker(166, 60, 0, "Hi");
    const [moved] = arranged([{ ...high, place: { x: 166, y: 300 }, lastSide: "below" }], null, PHONE, []);
    assert.equal(moved.side, "below");
});
