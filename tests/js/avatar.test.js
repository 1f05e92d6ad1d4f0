import assert from "node:assert/strict";
import { test } from "node:test";

import { Actor } from "../../avatar_site/static/avatar_site/actor.js";
import { Blinker } from "../../avatar_site/static/avatar_site/blink.js";
import { blended, EXPRESSIONS, isExpression } from "../../avatar_site/static/avatar_site/expression.js";
import { chooseIdentity, isAllowed, keepToken, keptToken } from "../../avatar_site/static/avatar_site/identity.js";
import { changed, firstPose, hueOf, mixed, readPose, rounded } from "../../avatar_site/static/avatar_site/pose.js";
import { Room } from "../../avatar_site/static/avatar_site/room.js";
import { Speech, wrapped } from "../../avatar_site/static/avatar_site/speech.js";

const pose = { x: 0.5, y: 0.5, gaze_x: 0, gaze_y: 0, mouth: 0, blink: false };

test("received values are kept in bounds, and invalid ones change nothing", () => {
    const read = readPose({ x: 7, y: "left", gaze_x: -9, mouth: NaN, blink: "yes" }, pose);
    assert.deepEqual(read, { ...pose, x: 1, gaze_x: -1 });
});

test("a pose is sent only when it changed", () => {
    assert.equal(changed(null, pose), true);
    assert.equal(changed(pose, { ...pose }), false);
    assert.equal(changed(pose, { ...pose, gaze_x: 0.001 }), false);
    assert.equal(changed(pose, { ...pose, gaze_x: 0.1 }), true);
    assert.equal(changed(pose, { ...pose, blink: true }), true);
});

test("poses are sent with three digits", () => {
    assert.deepEqual(rounded({ x: 0.123456, blink: true }), { x: 0.123, blink: true });
});

test("between two poses the avatar moves in a straight line", () => {
    assert.equal(mixed(pose, { ...pose, x: 1 }, 0.5).x, 0.75);
});

test("place and colour follow from the name", () => {
    assert.deepEqual(firstPose("ann"), firstPose("ann"));
    assert.notDeepEqual(firstPose("ann"), firstPose("bob"));
    assert.ok(hueOf("ann") >= 0 && hueOf("ann") < 360);
});

test("another avatar takes as long to reach a pose as the pose took to arrive", () => {
    const actor = new Actor("ann");
    actor.tell(pose, 0);
    actor.tell({ ...pose, x: 1 }, 200);
    assert.equal(actor.poseAt(200).x, 0.5);
    assert.equal(actor.poseAt(300).x, 0.75);
    assert.equal(actor.poseAt(900).x, 1);
});

test("the room follows who joins, leaves, moves and speaks", () => {
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

test("the mouth moves during speech, and the bubble stays a little longer", () => {
    const speech = new Speech("Hello there, how are you?", 1000);
    const moving = Array.from({ length: 40 }, (_, step) => speech.mouthAt(1000 + step * 40));
    assert.ok(Math.max(...moving) > 0.5 && Math.min(...moving) === 0);
    assert.equal(speech.mouthAt(speech.spoken), 0);
    assert.ok(speech.spoken < speech.end && !speech.isOver(speech.spoken) && speech.isOver(speech.end));
});

test("long texts are wrapped and truncated", () => {
    const measure = (text) => text.length;
    assert.deepEqual(wrapped("one two three", 7, measure), ["one two", "three"]);
    assert.deepEqual(wrapped("abcdefghij", 4, measure), ["abcd", "efgh", "ij"]);
    assert.deepEqual(wrapped("a b c d e f", 1, measure, 3), ["a", "b", "c …"]);
});

test("eyes close now and then, for a moment", () => {
    const blinker = new Blinker(0, () => 0);
    assert.deepEqual([0, 1799, 1800, 1949, 1950].map((now) => blinker.isClosed(now)), [false, false, true, true, false]);
});

test("moods blend", () => {
    assert.equal(blended(EXPRESSIONS.neutral, "happy", 1).smile, 1);
    assert.equal(blended(EXPRESSIONS.neutral, "happy", 0).smile, EXPRESSIONS.neutral.smile);
    assert.deepEqual([isExpression("happy"), isExpression("toString"), isExpression(5)], [true, false, false]);
});

test("a name comes from the server, the address, the last visit, or is made up", () => {
    const remembered = { name: "last", room: "attic" };
    assert.equal(chooseIdentity({ given: "mine", query: "?name=other", remembered }).name, "mine");
    assert.deepEqual(chooseIdentity({ given: null, query: "?name=ann&room=r1", remembered }), { name: "ann", room: "r1" });
    assert.deepEqual(chooseIdentity({ given: null, query: "", remembered }), remembered);
    assert.deepEqual(chooseIdentity({ given: null, query: "?name=%3Cb%3E", random: () => 0 }), { name: "avatar-00000", room: "lobby" });
});

test("names are limited to what the protocol allows", () => {
    assert.deepEqual(["a.b_c:d-1", "", "a b", "x".repeat(65), null].map(isAllowed), [true, false, false, false, false]);
});

test("a window keeps the token of its place for the same name and room", () => {
    const kept = new Map();
    const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
    const ann = { name: "ann", room: "lobby" };
    assert.equal(keptToken(ann, storage), undefined);
    keepToken(ann, "token", storage);
    assert.deepEqual([keptToken(ann, storage), keptToken({ ...ann, room: "attic" }, storage)], ["token", undefined]);
    assert.equal(keptToken(ann, { getItem: () => { throw new Error("blocked"); } }), undefined);
});
