import assert from "node:assert/strict";
import { test } from "node:test";

import { firstAfter, gapped } from "../../../dashboard/static/avatar_monitoring/charts/columns.js";

test("each gap gets a row of nulls, and repeated rows are dropped", () => {
    const { columns, rows } = gapped({ time: [1, 2, 2, 5], cpu: [1, 2, 3, 4] }, () => 1);
    assert.deepEqual(columns, { time: [1, 2, 3, 5], cpu: [1, 2, null, 4] });
    assert.deepEqual(rows, [0, 1, null, 3]);
});

test("the first time that is not below is found", () => {
    assert.deepEqual([0, 10, 15, 30, 31].map((time) => firstAfter([10, 20, 30], time)), [0, 0, 1, 2, 3]);
});
