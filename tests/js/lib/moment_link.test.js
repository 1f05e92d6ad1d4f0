import assert from "node:assert/strict";
import { test } from "node:test";

import { momentURL } from "../../../dashboard/static/avatar_monitoring/lib/moment_link.js";

test("a moment is a second of the live page, wherever a project includes it", () => {
    assert.equal(momentURL("/staff/monitoring/", 1764000000.9), "/staff/monitoring/?at=2025-11-24T16:00:00Z");
});
