import assert from "node:assert/strict";
import { test } from "node:test";

import { band, severityIcon, severityRank } from "../../../dashboard/static/avatar_monitoring/lib/severity.js";

test("a value is normal, near its limit from 80 % of it, or over it", () => {
    assert.deepEqual([63, 64, 80, 80.1].map((value) => band(value, 80)), ["normal", "warning", "warning", "breach"]);
    assert.deepEqual([band(null, 80), band(5, undefined)], ["unknown", "unlimited"]);
});

test("severities have an order, and each its icon", () => {
    assert.deepEqual(["critical", "warning", "info"].map(severityRank), [0, 1, 2]);
    assert.deepEqual(["critical", "warning", "info"].map(severityIcon), ["critical", "alert", "info"]);
});

test("a severity of a later release is as bad as can be", () => {
    assert.deepEqual([severityRank("fatal"), severityIcon("fatal")], [0, "critical"]);
});
