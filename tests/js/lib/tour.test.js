import assert from "node:assert/strict";
import { test } from "node:test";

import { BrowserStore } from "../../../dashboard/static/avatar_monitoring/lib/browser_store.js";
import { isTourClosed, leadsElsewhere, points } from "../../../dashboard/static/avatar_monitoring/lib/tour.js";

test("the tour has five points, each with somewhere to stand on any page", () => {
    assert.equal(points().length, 5);
    for (const { at, title, text } of points()) {
        assert.ok(title && text);
        assert.ok(at.includes(".nav") || at.includes("#help-button"));
    }
});

test("it is closed once somebody has closed it", () => {
    assert.equal(isTourClosed(new BrowserStore(() => ({ getItem: () => null }))), false);
    assert.equal(isTourClosed(new BrowserStore(() => ({ getItem: () => "closed" }))), true);
});

test("a browser that remembers nothing does not show it on each page", () => {
    assert.equal(isTourClosed(new BrowserStore(() => { throw new DOMException("denied", "SecurityError"); })), true);
});

test("it does not stand before a moment that a link leads to", () => {
    assert.equal(leadsElsewhere(""), false);
    assert.equal(leadsElsewhere("?range=900"), false);
    assert.equal(leadsElsewhere("?at=2026-11-27T03:12:00Z"), true);
});
