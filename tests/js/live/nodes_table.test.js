import assert from "node:assert/strict";
import { test } from "node:test";

import { hostText } from "../../../dashboard/static/avatar_monitoring/live/nodes_table.js";

test("a correct or unknown clock is not mentioned", () => {
    for (const skew of [0, 0.4, -1, 1, null, undefined]) assert.equal(hostText("web-1", skew), "web-1");
});

test("a clock that is off by more than a second is shown with its direction", () => {
    assert.equal(hostText("web-1", 5), "web-1, clock 5.0 s ahead");
    assert.equal(hostText("web-1", -1.1), "web-1, clock 1.1 s behind");
    assert.equal(hostText("web-1", -172800), "web-1, clock 172,800.0 s behind");
});
