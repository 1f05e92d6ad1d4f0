import assert from "node:assert/strict";
import { test } from "node:test";

import { rowAfter } from "../../../dashboard/static/avatar_monitoring/charts/plot_keys.js";

test("arrows, pages and ends lead from row to row", () => {
    const from = (key, row) => rowAfter(key, row, 100);
    assert.deepEqual(["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"].map((key) => from(key, 50)), [49, 51, 60, 40, 0, 99]);
    assert.deepEqual([from("ArrowLeft", 0), from("ArrowRight", 99), from("PageUp", 95)], [0, 99, 99]);
});

test("other keys keep their meaning, and an empty chart has no rows", () => {
    assert.deepEqual([rowAfter("Enter", 5, 100), rowAfter("a", 5, 100), rowAfter("End", 0, 0)], [null, null, null]);
});
