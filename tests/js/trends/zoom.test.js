import assert from "node:assert/strict";
import { test } from "node:test";

import { placeIn, rememberPlace, rememberWider, widerThan, zoomQuery } from "../../../dashboard/static/avatar_monitoring/trends/zoom.js";

const NOON = Date.UTC(2026, 0, 2, 12) / 1000;

class Storage {
    getItem(key) {
        return this[key] ?? null;
    }

    setItem(key, value) {
        this[key] = value;
    }
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
    const storage = new Storage();
    rememberWider(storage, "?range=24h", "?from=a");
    rememberWider(storage, "?from=a", "?from=b");
    assert.equal(widerThan(storage, "?from=b"), "?from=a");
    assert.equal(widerThan(storage, "?from=a"), "?range=24h");
    assert.equal(widerThan(storage, "?range=24h"), null);
});

test("it remembers the last way in, and not for ever", () => {
    const storage = new Storage();
    rememberWider(storage, "?range=7d", "?from=a");
    rememberWider(storage, "?range=24h", "?from=a");
    assert.equal(widerThan(storage, "?from=a"), "?range=24h");
    for (let number = 0; number < 30; number += 1) rememberWider(storage, "", `?from=${number}`);
    assert.equal(widerThan(storage, "?from=a"), null);
    assert.equal(widerThan(storage, "?from=29"), "");
});

test("without storage nothing is remembered and nothing breaks", (context) => {
    context.mock.method(console, "info", () => {});
    const refused = () => { throw new DOMException("no", "SecurityError"); };
    const storage = { getItem: refused, setItem: refused };
    rememberWider(storage, "?range=24h", "?from=a");
    assert.equal(widerThan(storage, "?from=a"), null);
});

test("zooming in keeps the scroll position, once", () => {
    const storage = new Storage();
    rememberPlace(storage, "?from=a", 726);
    assert.equal(placeIn(storage, "?from=b"), 0);
    rememberPlace(storage, "?from=a", 726);
    assert.deepEqual([placeIn(storage, "?from=a"), placeIn(storage, "?from=a")], [726, 0]);
});
