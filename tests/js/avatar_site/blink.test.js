import assert from "node:assert/strict";
import { test } from "node:test";

import { Blinker } from "../../../avatar_site/static/avatar_site/blink.js";

test("the eyes close now and then for a moment", () => {
    const blinker = new Blinker(0, () => 0);
    assert.deepEqual([0, 1799, 1800, 1949, 1950].map((now) => blinker.isClosed(now)), [false, false, true, true, false]);
});
