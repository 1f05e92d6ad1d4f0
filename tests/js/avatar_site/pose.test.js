import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, firstPose, hueOf, mixed, readPose, rounded } from "../../../avatar_site/static/avatar_site/pose.js";

const pose = { x: 0.5, y: 0.5, gaze_x: 0, gaze_y: 0, mouth: 0, blink: false };

test("received poses are clamped, and invalid values change nothing", () => {
    const read = readPose({ x: 7, y: "left", gaze_x: -9, mouth: NaN, blink: "yes" }, pose);
    assert.deepEqual(read, { ...pose, x: 1, gaze_x: -1 });
});

test("a pose is sent only if it changed", () => {
    assert.equal(changed(null, pose), true);
    assert.equal(changed(pose, { ...pose }), false);
    assert.equal(changed(pose, { ...pose, gaze_x: 0.001 }), false);
    assert.equal(changed(pose, { ...pose, gaze_x: 0.1 }), true);
    assert.equal(changed(pose, { ...pose, blink: true }), true);
});

test("poses are sent with three digits", () => {
    assert.deepEqual(rounded({ x: 0.123456, blink: true }), { x: 0.123, blink: true });
});

test("poses are interpolated linearly", () => {
    assert.equal(mixed(pose, { ...pose, x: 1 }, 0.5).x, 0.75);
});

test("place and colour are computed from the name", () => {
    assert.deepEqual(firstPose("ann"), firstPose("ann"));
    assert.notDeepEqual(firstPose("ann"), firstPose("bob"));
    assert.ok(hueOf("ann") >= 0 && hueOf("ann") < 360);
});
