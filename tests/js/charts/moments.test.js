import assert from "node:assert/strict";
import { test } from "node:test";

import { marksAt, spansAt } from "../../../dashboard/static/avatar_monitoring/charts/moments.js";

test("alerts are found under the cursor and close to it", () => {
    const spans = [{ start: 100, end: 200 }];
    assert.deepEqual([90, 96, 150, 204, 210].map((moment) => spansAt(spans, moment, 5).length), [0, 1, 1, 1, 0]);
});

test("markers are found close to the cursor, the nearest first", () => {
    const marks = [{ at: 100 }, { at: 104 }, { at: 120 }];
    assert.deepEqual(marksAt(marks, 103, 5), [{ at: 104 }, { at: 100 }]);
    assert.deepEqual(marksAt(marks, 110, 5), []);
});
