import assert from "node:assert/strict";
import { test } from "node:test";

import { barAt, heightOf, narrowedTo, partAt, stackedColumns } from "../../../dashboard/static/avatar_monitoring/charts/stacking.js";

const SERIES = [{ counts: [1, null, 0] }, { counts: [2, null, 4] }];
const TIMES = [60, 120, 180];

test("each bar reaches up to the sum with the later series, which are drawn over it", () => {
    assert.deepEqual(stackedColumns(TIMES, SERIES), [TIMES, [3, null, 4], [2, null, 4]]);
    assert.deepEqual(SERIES[0].counts, [1, null, 0], "the counts stay as they were");
});

test("the part under the pointer is the one that is seen there", () => {
    const columns = stackedColumns(TIMES, SERIES);
    assert.equal(partAt(columns, 0, 1.5), 1);
    assert.equal(partAt(columns, 0, 2.5), 0);
    assert.equal(partAt(columns, 0, 3.5), null, "above the bar");
    assert.equal(partAt(columns, 0, -1), null, "below the axis");
    assert.equal(partAt(columns, 1, 0), null, "nothing was measured");
});

test("a bar lasts until the next one begins", () => {
    assert.equal(barAt(TIMES, 60, 60), 0);
    assert.equal(barAt(TIMES, 179.9, 60), 1);
    assert.equal(barAt(TIMES, 59, 60), null);
    assert.equal(barAt(TIMES, 240, 60), null);
});

test("a bar's height is not known where nothing was measured", () => {
    assert.deepEqual([0, 1, 2].map((row) => heightOf(SERIES, row)), [3, null, 4]);
});

test("a bar's link has its own time and keeps the rest", () => {
    const url = "/monitor/sessions/?cause=client_lost&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
    const narrowed = narrowedTo(url, "https://example.org/monitor/trends/", 1_767_225_600, 1_767_225_660);
    assert.equal(narrowed, "/monitor/sessions/?cause=client_lost&from=2026-01-01T00%3A00%3A00Z&to=2026-01-01T00%3A01%3A00Z");
});
