import assert from "node:assert/strict";
import { test } from "node:test";

import { bubblePlace, clearOf, fitting, limitsOf, bodyOf, placeOf, shareOf } from "../../../avatar_site/static/avatar_site/layout.js";

const STAGE = { width: 900, height: 600 };
const LIMITS = { left: 40, top: 50, right: 860, bottom: 480 };

test("one alone is large, many are smaller, and none is too small to see", () => {
    const sizes = [1, 25, 100, 5000].map((people) => fitting(people, STAGE, []).radius);
    assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
    assert.ok(sizes[0] > 95 && sizes.at(-1) === 12);
});

test("of too many, as many as find room are drawn", () => {
    assert.ok(fitting(30, STAGE, []).most >= 30);
    assert.ok(fitting(5000, STAGE, []).most <= 120);
    assert.ok(fitting(40, { width: 300, height: 200 }, []).most < 40);
    assert.equal(fitting(3, { width: 0, height: 0 }, []).most, 1);
});

test("a crowd on a phone gives up names before it becomes too small to see", () => {
    const phone = { width: 332, height: 592 };
    const covers = [{ left: 8, top: 8, right: 324, bottom: 130 }, { left: 14, top: 534, right: 318, bottom: 578 }];
    const size = fitting(30, phone, covers);
    assert.ok(size.most >= 30 && size.radius >= 16 && !size.named, JSON.stringify(size));
    assert.ok(fitting(10, phone, covers).named);
});

test("a pose's place is inside the stage, and leads back to the pose", () => {
    const pose = { x: 0.25, y: 1 };
    const place = placeOf(pose, LIMITS);
    assert.deepEqual(place, { x: 245, y: 480 });
    assert.deepEqual(shareOf(place, LIMITS), pose);
});

test("a body moves out from behind a cover by the shortest way that the stage allows", () => {
    const body = bodyOf({ radius: 30 });
    const limits = limitsOf(STAGE, body);
    const hud = { left: 12, top: 12, right: 240, bottom: 160 };
    const place = clearOf({ x: 60, y: 150 }, body, [hud], limits);
    assert.deepEqual(place, { x: 60, y: 160 + body.above });
    assert.deepEqual(clearOf({ x: 600, y: 300 }, body, [hud], limits), { x: 600, y: 300 });
});

test("a bubble is above the head, or beside it where the stage or the overlay leaves no room", () => {
    const size = { width: 120, height: 40 };
    assert.equal(bubblePlace({ x: 450, y: 300 }, 40, size, STAGE, []).side, "above");
    assert.equal(bubblePlace({ x: 450, y: 60 }, 40, size, STAGE, []).side, "right");
    assert.equal(bubblePlace({ x: 850, y: 60 }, 40, size, STAGE, []).side, "left");
    const hud = { left: 12, top: 12, right: 240, bottom: 160 };
    const beside = bubblePlace({ x: 120, y: 220 }, 40, size, STAGE, [hud]);
    assert.equal(beside.side, "right");
});

test("a bubble that finds no room anywhere is still on the stage", () => {
    const { left, top } = bubblePlace({ x: 20, y: 20 }, 40, { width: 180, height: 80 }, { width: 200, height: 100 }, []);
    assert.ok(left >= 0 && top >= 0);
});
