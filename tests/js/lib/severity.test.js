import assert from "node:assert/strict";
import { test } from "node:test";

import { band, bySeverity, severityIcon, severityRank } from "../../../dashboard/static/avatar_monitoring/lib/severity.js";

const stale = (id) => ({ metric: "stale_client_seconds", severity: "info", subject: id, timestamp: 1 });
const hot = { metric: "cpu_percent", severity: "warning", subject: "vm", timestamp: 5 };

test("a value is normal, near its limit from 80 % of it, or over it", () => {
    assert.deepEqual([63, 64, 80, 80.1].map((value) => band(value, 80)), ["normal", "warning", "warning", "breach"]);
    assert.deepEqual([band(null, 80), band(5, undefined)], ["unknown", "unlimited"]);
});

test("the most severe come first, each with its icon", () => {
    const worst = { ...hot, severity: "critical" };
    assert.deepEqual(bySeverity([stale("a"), hot, worst]).map(({ severity }) => severity), ["critical", "warning", "info"]);
    assert.deepEqual(["critical", "warning", "info"].map(severityIcon), ["critical", "alert", "info"]);
});

test("a severity of a later release is as bad as can be", () => {
    assert.deepEqual([severityRank("fatal"), severityIcon("fatal")], [0, "critical"]);
});
