import assert from "node:assert/strict";
import { test } from "node:test";

import { asText } from "../../../dashboard/static/avatar_monitoring/charts/chart_table.js";

test("a copied table has tabs, times of ISO 8601, and numbers without units", () => {
    const rows = [["2026-11-24T12:00:01Z", 1536.25, null], ["2026-11-24T12:00:00Z", 0, 2]];
    const text = asText({ heads: ["Sent", "Received"], copiedHeads: ["Sent (B/s)", "a\tb"], length: 2, values: (row) => rows[row] });
    assert.equal(text, "Time\tSent (B/s)\ta b\n2026-11-24T12:00:01Z\t1536.25\t\n2026-11-24T12:00:00Z\t0\t2");
});
