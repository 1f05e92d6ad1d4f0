import assert from "node:assert/strict";
import { test } from "node:test";

import { BrowserStore } from "../../../dashboard/static/avatar_monitoring/lib/browser_store.js";
import { chooseIdentity, isAllowed, isFirstVisit, keepToken, keptToken, recall, remember } from "../../../avatar_site/static/avatar_site/identity.js";

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
    const storage = new BrowserStore(() => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) }));
    const ann = { name: "ann", room: "lobby" };
    assert.equal(keptToken(ann, storage), undefined);
    keepToken(ann, "token", storage);
    assert.deepEqual([keptToken(ann, storage), keptToken({ ...ann, room: "attic" }, storage)], ["token", undefined]);
});

test("what another page or release has kept is no name, no room and no token", () => {
    const holding = (text) => new BrowserStore(() => ({ getItem: () => text, setItem: () => {} }));
    for (const text of ["{", "null", "7", "[]", '{"name": 5, "room": "a b"}']) {
        assert.deepEqual(chooseIdentity({ given: null, query: "", remembered: recall(holding(text)), random: () => 0 }), { name: "avatar-00000", room: "lobby" });
        assert.equal(keptToken({ name: "ann", room: "lobby" }, holding(text)), undefined);
    }
});

test("a browser that keeps nothing greets once, and still knows the name until the page is left", (context) => {
    context.mock.method(console, "info", () => {});
    const blocked = new BrowserStore(() => { throw new DOMException("blocked", "SecurityError"); });
    assert.deepEqual([isFirstVisit(blocked), isFirstVisit(blocked)], [true, false]);
    remember({ name: "ann", room: "attic" }, blocked);
    assert.deepEqual(recall(blocked), { name: "ann", room: "attic" });
});
