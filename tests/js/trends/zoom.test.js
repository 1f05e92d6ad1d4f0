import assert from "node:assert/strict";
import { test } from "node:test";

import { BrowserStore } from "../../../dashboard/static/avatar_monitoring/lib/browser_store.js";
import { placeIn, rememberPlace, rememberWider, widerThan, zoomQuery } from "../../../dashboard/static/avatar_monitoring/trends/zoom.js";

const NOON = Date.UTC(2026, 0, 2, 12) / 1000;

function newStore(kept = {}) {
    return new BrowserStore(() => ({ getItem: (key) => kept[key] ?? null, setItem: (key, text) => { kept[key] = text; } }));
}

test("a long range is rounded to minutes", () => {
    assert.equal(zoomQuery("", NOON + 13.7, NOON + 7201), "?from=2026-01-02T12:00:00Z&to=2026-01-02T14:01:00Z");
});

test("a short range is rounded to seconds", () => {
    assert.equal(zoomQuery("", NOON + 13.7, NOON + 120.2), "?from=2026-01-02T12:00:13Z&to=2026-01-02T12:02:01Z");
});

test("no range is shorter than a minute", () => {
    assert.equal(zoomQuery("", NOON + 30, NOON + 30), "?from=2026-01-02T12:00:00Z&to=2026-01-02T12:01:00Z");
});

test("the range is replaced, other choices are kept", () => {
    const query = zoomQuery("?range=24h&node=vm%3A1&compare=week", NOON, NOON + 120);
    assert.equal(query, "?node=vm:1&compare=week&from=2026-01-02T12:00:00Z&to=2026-01-02T12:02:00Z");
});

test("zooming out leads back to the previous range", () => {
    const store = newStore();
    rememberWider(store, "?range=24h", "?from=a");
    rememberWider(store, "?from=a", "?from=b");
    assert.equal(widerThan(store, "?from=b"), "?from=a");
    assert.equal(widerThan(store, "?from=a"), "?range=24h");
    assert.equal(widerThan(store, "?range=24h"), null);
});

test("it remembers the last way in, and not for ever", () => {
    const store = newStore();
    rememberWider(store, "?range=7d", "?from=a");
    rememberWider(store, "?range=24h", "?from=a");
    assert.equal(widerThan(store, "?from=a"), "?range=24h");
    for (let number = 0; number < 30; number += 1) rememberWider(store, "", `?from=${number}`);
    assert.equal(widerThan(store, "?from=a"), null);
    assert.equal(widerThan(store, "?from=29"), "");
});

test("what is kept of other pages or releases leads nowhere", () => {
    const texts = ["{", "5", '"?from=a"', "{}", "[1]", '[["?from=a"]]', '[["?from=a", 3]]', '[["?from=a", "javascript:alert(1)"]]', '["?from=a", "far"]', '["?from=a", 1e999]'];
    for (const text of texts) {
        const store = newStore({ avatar_trends_wider: text, avatar_trends_place: text });
        assert.deepEqual([widerThan(store, "?from=a"), placeIn(store, "?from=a")], [null, 0], text);
        rememberWider(store, "?range=24h", "?from=b");
        assert.equal(widerThan(store, "?from=b"), "?range=24h", text);
    }
});

test("zooming in keeps the scroll position, once", () => {
    const store = newStore();
    rememberPlace(store, "?from=a", 726);
    assert.equal(placeIn(store, "?from=b"), 0);
    rememberPlace(store, "?from=a", 726);
    assert.deepEqual([placeIn(store, "?from=a"), placeIn(store, "?from=a")], [726, 0]);
});
