import assert from "node:assert/strict";
import { test } from "node:test";

import { linkTo, onCopyLink } from "../../../dashboard/static/avatar_monitoring/lib/copy_link.js";

test("a copied link is the page's address with what the page adds", () => {
    assert.equal(linkTo("http://vm:8000/alerts/?rule=cpu_percent#x"), "http://vm:8000/alerts/?rule=cpu_percent#x");
    onCopyLink((query) => query.set("at", "2026-11-24T12:00:00Z"));
    assert.equal(linkTo("http://vm:8000/?window=60"), "http://vm:8000/?window=60&at=2026-11-24T12:00:00Z");
});
