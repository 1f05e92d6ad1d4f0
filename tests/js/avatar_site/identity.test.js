import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseIdentity, isAllowed, keepToken, keptToken } from "../../../avatar_site/static/avatar_site/identity.js";

test("a name comes from the server, the address or the last visit, or is random", () => {
    const remembered = { name: "last", room: "attic" };
    assert.equal(chooseIdentity({ given: "mine", query: "?name=other", remembered }).name, "mine");
    assert.deepEqual(chooseIdentity({ given: null, query: "?name=ann&room=r1", remembered }), { name: "ann", room: "r1" });
    assert.deepEqual(chooseIdentity({ given: null, query: "", remembered }), remembered);
    assert.deepEqual(chooseIdentity({ given: null, query: "?name=%3Cb%3E", random: () => 0 }), { name: "avatar-00000", room: "lobby" });
});

test("only names that the protocol allows are accepted", () => {
    assert.deepEqual(["a.b_c:d-1", "", "a b", "x".repeat(65), null].map(isAllowed), [true, false, false, false, false]);
});

test("a window keeps the token of its place, for the same name and room", () => {
    const kept = new Map();
    const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
    const ann = { name: "ann", room: "lobby" };
    assert.equal(keptToken(ann, storage), undefined);
    keepToken(ann, "token", storage);
    assert.deepEqual([keptToken(ann, storage), keptToken({ ...ann, room: "attic" }, storage)], ["token", undefined]);
    assert.equal(keptToken(ann, { getItem: () => { throw new Error("blocked"); } }), undefined);
});
