import assert from "node:assert/strict";
import { test } from "node:test";

import { Speech, wrapped } from "../../../avatar_site/static/avatar_site/speech.js";

test("the mouth moves during speech, and the bubble stays a little longer", () => {
    const speech = new Speech("Hello there, how are you?", 1000);
    const moving = Array.from({ length: 40 }, (_, step) => speech.mouthAt(1000 + step * 40));
    assert.ok(Math.max(...moving) > 0.5 && Math.min(...moving) === 0);
    assert.equal(speech.mouthAt(speech.spoken), 0);
    assert.ok(speech.spoken < speech.end && !speech.isOver(speech.spoken) && speech.isOver(speech.end));
});

test("long texts are wrapped and cut", () => {
    const measure = (text) => text.length;
    assert.deepEqual(wrapped("one two three", 7, measure), ["one two", "three"]);
    assert.deepEqual(wrapped("abcdefghij", 4, measure), ["abcd", "efgh", "ij"]);
    assert.deepEqual(wrapped("a b c d e f", 1, measure, 3), ["a", "b", "c …"]);
});
