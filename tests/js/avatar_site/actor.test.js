import assert from "node:assert/strict";
import { test } from "node:test";

import { Actor } from "../../../avatar_site/static/avatar_site/actor.js";

const pose = { x: 0.5, y: 0.5, gaze_x: 0, gaze_y: 0, mouth: 0, blink: false };

test("another avatar reaches a pose in the time since its last one", () => {
    const actor = new Actor("ann");
    actor.tell(pose, 0);
    actor.tell({ ...pose, x: 1 }, 200);
    assert.equal(actor.poseAt(200).x, 0.5);
    assert.equal(actor.poseAt(300).x, 0.75);
    assert.equal(actor.poseAt(900).x, 1);
});
