import assert from "node:assert/strict";
import { test } from "node:test";

import { BrowserStore } from "../../../dashboard/static/avatar_monitoring/lib/browser_store.js";

const refuse = () => { throw new DOMException("no", "SecurityError"); };

function storageWith(kept) {
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
}

test("what is written is in the browser's storage, and read from there", () => {
    const kept = new Map();
    const store = new BrowserStore(() => storageWith(kept));
    store.write("zone", "utc");
    assert.equal(kept.get("zone"), "utc");
    kept.set("zone", "local");
    assert.deepEqual([store.isOpen, store.read("zone"), store.read("theme")], [true, "local", null]);
});

test("a browser that refuses, or is full, keeps it as long as the page", (context) => {
    const said = context.mock.method(console, "info", () => {});
    const full = { getItem: () => "utc", setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
    for (const open of [refuse, () => ({ getItem: refuse, setItem: refuse }), () => full]) {
        const store = new BrowserStore(open);
        store.write("zone", "local");
        assert.equal(store.read("zone"), "local");
    }
    assert.equal(said.mock.callCount(), 3);
    assert.equal(new BrowserStore(refuse).isOpen, false);
    assert.equal(new BrowserStore(refuse).read("zone"), null);
});

test("where there is no storage at all, as in tests, nothing is said", (context) => {
    const said = context.mock.method(console, "info", () => {});
    const store = new BrowserStore(() => undefined);
    store.write("zone", "utc");
    assert.deepEqual([store.isOpen, store.read("zone"), said.mock.callCount()], [false, "utc", 0]);
});

test("what is no JSON is nothing", () => {
    for (const text of ["{", "", "undefined", "[1"]) assert.equal(new BrowserStore(() => ({ getItem: () => text })).readJSON("key"), null);
    assert.equal(new BrowserStore(() => ({ getItem: () => null })).readJSON("key"), null);
    assert.deepEqual(new BrowserStore(() => ({ getItem: () => "[1]" })).readJSON("key"), [1]);
});
