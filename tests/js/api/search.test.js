import assert from "node:assert/strict";
import { test } from "node:test";

import { matching } from "../../../dashboard/static/avatar_monitoring/api/search.js";

const PARTS = [{ id: "series", text: "get /api/series one metric over time" }, { id: "alerts", text: "get /api/alerts alerts, newest first" }];

test("a part is found by all of the words, in any order and whatever their case", () => {
    assert.deepEqual([...matching(PARTS, "Metric series")], ["series"]);
    assert.deepEqual([...matching(PARTS, "alerts metric")], []);
});

test("without a word everything is found", () => {
    assert.deepEqual([...matching(PARTS, "  ")], ["series", "alerts"]);
});
