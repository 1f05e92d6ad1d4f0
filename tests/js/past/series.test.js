import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, PastSeries } from "../../../dashboard/static/avatar_monitoring/past/series.js";
import { answerOf } from "./answers.js";

const part = (start, times, step = 1) => ({ start, step, columns: columnsOf(answerOf(times, { step })) });
const never = () => false;

function seriesOf(at, ...parts) {
    const series = new PastSeries();
    series.replace(never, parts);
    series.at = at;
    return series;
}

test("rates in megabytes become rates in bytes, as on the live page", () => {
    const { sent, received } = columnsOf(answerOf([1]));
    assert.deepEqual([sent, received], [[1048576], [null]]);
});

test("a window ends at the shown second", () => {
    const series = seriesOf(103, part(100, [100, 101, 102, 103, 104, 105]));
    assert.deepEqual(series.window(2, ["cpu_percent"]), [[101, 102, 103], [101, 102, 103]]);
});

test("a window has its full length if nothing is known at its ends", () => {
    const series = seriesOf(110, part(100, [104, 105]));
    assert.deepEqual(series.window(20, ["cpu_percent"]), [[90, 104, 105, 110], [null, 104, 105, null]]);
    assert.deepEqual(seriesOf(50).window(20, ["cpu_percent"]), [[30, 50], [null, null]]);
});

test("a second that was not measured breaks the line and has no row", () => {
    const series = seriesOf(102, part(100, [100, 101, 103]));
    assert.equal(series.row(), null);
    assert.deepEqual(series.rates(), { sent: null, received: null });
    series.at = 103;
    assert.deepEqual(series.window(3, ["cpu_percent"])[1], [100, 101, null, 103]);
    assert.equal(series.row().cpu_percent, 103);
});

test("a minute covers all its seconds", () => {
    const series = seriesOf(179, part(60, [60, 120], 60));
    assert.equal(series.row().cpu_percent, 120);
    assert.deepEqual(series.window(60, ["cpu_percent"]), [[119, 120, 179], [null, 120, 120]]);
    series.at = 180;
    assert.equal(series.row(), null);
});

test("minutes and the seconds after them form one line", () => {
    const series = seriesOf(182, part(180, [180, 181, 182]), part(60, [60, 120], 60));
    assert.deepEqual(series.window(122, ["cpu_percent"]), [[60, 120, 180, 181, 182], [60, 120, 180, 181, 182]]);
});

test("a part replaces older ones", () => {
    const series = seriesOf(101, part(100, [100]));
    series.replace((start) => start === 100, [part(100, [100, 101])]);
    assert.equal(series.row().cpu_percent, 101);
});
