import assert from "node:assert/strict";
import { test } from "node:test";

import { GaugeBuffer } from "../../../dashboard/static/avatar_monitoring/charts/gauge_buffer.js";

test("values come by time and name, and are null where they are not known", () => {
    const buffer = new GaugeBuffer();
    buffer.add(100, { orders: 3 }, 1);
    buffer.add(101, { orders: null, hits: 50 }, 1);
    assert.deepEqual(buffer.window(60, ["orders", "hits"]), [[100, 101], [3, null], [null, 50]]);
    assert.deepEqual(buffer.window(0.5, ["hits"]), [[101], [50]]);
});

test("a line breaks where frames are missing", () => {
    const buffer = new GaugeBuffer();
    buffer.add(100, { orders: 3 }, 1);
    buffer.add(110, { orders: 4 }, 1);
    assert.deepEqual(buffer.window(60, ["orders"]), [[100, 101, 110], [3, null, 4]]);
});

test("what the history had is not added again, and a clock that was set back begins anew", () => {
    const buffer = new GaugeBuffer();
    for (const time of [100, 101, 101, 100.5]) buffer.add(time, { orders: time }, 1);
    assert.deepEqual(buffer.window(60, ["orders"])[0], [100, 101]);
    buffer.add(40, { orders: 1 }, 1);
    assert.deepEqual(buffer.window(60, ["orders"]), [[40], [1]]);
});
