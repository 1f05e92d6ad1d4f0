import assert from "node:assert/strict";
import { test } from "node:test";

import { countText, grouped } from "../../dashboard/static/dashboard/alert_groups.js";

const stale = (number) => ({ metric: "stale_client_seconds", severity: "info", subject: `c${number}` });

test("a few stale clients are listed and many are grouped", () => {
    assert.equal(grouped([stale(1), stale(2), stale(3)]).single.length, 3);
    assert.equal(grouped([stale(1), stale(2), stale(3), stale(4)]).stale.length, 4);
});

test("the count is that of the frame", () => {
    assert.deepEqual([countText(0, 0), countText(3, 3), countText(20, 1500)], ["", "3", "20 of 1,500"]);
});
