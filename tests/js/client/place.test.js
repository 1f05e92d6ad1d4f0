import assert from "node:assert/strict";
import { test } from "node:test";

import { framesPlace, latencyPlace } from "../../../dashboard/static/avatar_monitoring/client/place.js";

for (const [percent, clients, text] of [
    [93.4, 120, "slower than 93 % of 120 clients"],
    [99.9, 10_000, "slower than 99 % of 10,000 clients"],
    [50, 3, "slower than 1 of 2 other clients"],
    [0, 3, "none of 2 other clients is faster"],
    [0, 500, "none of 499 other clients is faster"],
    [100, 2, "slower than the only other client"],
    [0, 2, "the only other client is not faster"],
    [null, 1, "the only client that is measured"],
    [null, 40, ""],
    [undefined, undefined, ""],
]) {
    test(`${percent} % of ${clients}: "${text}"`, () => assert.equal(latencyPlace({ slower_than_percent: percent, measured_clients: clients }), text));
}

test("frames have words of their own", () => {
    assert.equal(framesPlace({ fewer_frames_than_percent: 25, drawing_clients: 5 }), "fewer than 1 of 4 other clients");
    assert.equal(framesPlace({ fewer_frames_than_percent: 80, drawing_clients: 50 }), "fewer than 80 % of 50 clients");
    assert.equal(framesPlace({ fewer_frames_than_percent: 0, drawing_clients: 50 }), "none of 49 other clients draws more");
    assert.equal(framesPlace({ fewer_frames_than_percent: 100, drawing_clients: 2 }), "fewer than the only other client");
    assert.equal(framesPlace({ fewer_frames_than_percent: 0, drawing_clients: 2 }), "the only other client does not draw more");
    assert.equal(framesPlace({ fewer_frames_than_percent: null, drawing_clients: 1 }), "the only client that draws");
});

test("a frame of an older node has no place", () => {
    assert.equal(latencyPlace(undefined), "");
    assert.equal(framesPlace(undefined), "");
});
