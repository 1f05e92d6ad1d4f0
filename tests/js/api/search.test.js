import assert from "node:assert/strict";
import { test } from "node:test";

import { fragmentOf, matching } from "../../../dashboard/static/avatar_monitoring/api/search.js";

const PARTS = [{ id: "series", text: "get /api/series one metric over time" }, { id: "alerts", text: "get /api/alerts alerts, newest first" }];

test("a part is found by all of the words, in any order and whatever their case", () => {
    assert.deepEqual([...matching(PARTS, "Metric series")], ["series"]);
    assert.deepEqual([...matching(PARTS, "alerts metric")], []);
});

test("without a word everything is found", () => {
    assert.deepEqual([...matching(PARTS, "  ")], ["series", "alerts"]);
});

test("a fragment names a part, however it is written, and never breaks the page", () => {
    assert.deepEqual(["#rules", "#a%20b", "#%E0%A4%A", "#100%", "", "#"].map(fragmentOf), ["rules", "a b", "%E0%A4%A", "100%", "", ""]);
});
