import assert from "node:assert/strict";
import { test } from "node:test";

import { countText, grouped, standing } from "../../../dashboard/static/avatar_monitoring/alerts/list.js";

const stale = (id) => ({ metric: "stale_client_seconds", severity: "info", subject: id, timestamp: 1 });
const hot = { metric: "cpu_percent", severity: "warning", subject: "vm", timestamp: 5 };

test("many stale clients are one line", () => {
    const few = ["a", "b", "c"].map(stale);
    assert.deepEqual(grouped(few), { single: few, stale: [] });
    const many = ["a", "b", "c", "d"].map(stale);
    assert.deepEqual(grouped([...many, hot]), { single: [hot], stale: many });
});

test("an alert shows its last value and its peak in its own unit", () => {
    const alert = { metric: "cpu_percent", current: 28.84, peak: 97.1, timestamp: 1000 };
    assert.equal(standing(alert, 1540), "now 28.8 % · peak 97.1 % · for 9 min");
    assert.equal(standing({ ...alert, metric: "latency_ms", peak: 804 }, 1010), "now 28.8 ms · peak 804 ms · for 10 s");
    assert.equal(standing({ ...alert, metric: "stale_client_seconds", current: 75, peak: 75 }, 1010), "now 1 min 15 s · peak 1 min 15 s · for 10 s");
});

test("an unknown last value is a dash, and the past shows only the peak", () => {
    const alert = { metric: "cpu_percent", current: null, peak: 97.1, timestamp: 1000 };
    assert.equal(standing(alert, 1010), "now – · peak 97.1 % · for 10 s");
    assert.equal(standing(alert, 1010, true), "peak 97.1 % · for 10 s");
    assert.equal(standing({ ...alert, peak: undefined }, 1010), "now – · for 10 s");
});

test("a few stale clients are listed singly, many together", () => {
    assert.equal(grouped([stale(1), stale(2), stale(3)]).single.length, 3);
    assert.equal(grouped([stale(1), stale(2), stale(3), stale(4)]).stale.length, 4);
});

test("the count says how many alerts are listed", () => {
    assert.deepEqual([countText(0, 0), countText(3, 3), countText(20, 1500)], ["", "3", "20 of 1,500"]);
});
