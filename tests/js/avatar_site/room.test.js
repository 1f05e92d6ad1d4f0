import assert from "node:assert/strict";
import { test } from "node:test";

import { Room } from "../../../avatar_site/static/avatar_site/room.js";

const pose = { x: 0.5, y: 0.5, gaze_x: 0, gaze_y: 0, mouth: 0, blink: false };

test("the room follows avatars that join, leave, move and speak", () => {
    const room = new Room();
    assert.equal(room.apply({ type: "joined", client_id: "ann" }, 0), true);
    assert.equal(room.apply({ type: "pose", client_id: "ann", ...pose, x: 0.9 }, 0), false);
    room.apply({ type: "say", client_id: "ann", text: "hello" }, 0);
    room.apply({ type: "expression", client_id: "ann", name: "happy" }, 0);
    const ann = room.actors.get("ann");
    assert.deepEqual([ann.to.x, ann.speech.text, ann.expression], [0.9, "hello", "happy"]);
    assert.equal(room.apply({ type: "left", client_id: "ann" }, 0), true);
    assert.equal(room.actors.size, 0);
});

test("the room ignores unknown messages", () => {
    const room = new Room();
    assert.equal(room.apply({ type: "metrics" }, 0), false);
    assert.equal(room.apply({ type: "dance", client_id: "ann" }, 0), false);
    room.apply({ type: "expression", client_id: "ann", name: "constructor" }, 0);
    assert.equal(room.actors.get("ann").expression, "neutral");
});
