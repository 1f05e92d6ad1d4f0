import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock, tellFromPage } from "../../../dashboard/static/avatar_monitoring/lib/time.js";

test("the server's time follows the monotonic clock, even if the browser's clock is wrong", () => {
    let steady = 5000;
    const clock = new ServerClock({ steady: () => steady, own: () => 7_200_000 });
    assert.equal(clock.now, 7200);
    clock.tell(1_700_000_000);
    steady += 2500;
    assert.equal(clock.now, 1_700_000_002.5);
    clock.tell(NaN);
    assert.equal(clock.now, 1_700_000_002.5);
});

test("a page contains the time at which the server rendered it", () => {
    const clock = new ServerClock({ steady: () => 0, own: () => 0 });
    tellFromPage({ documentElement: { dataset: { now: "1700000000" } } }, clock);
    assert.equal(clock.now, 1_700_000_000);
    tellFromPage({ documentElement: { dataset: {} } }, clock);
    assert.equal(clock.now, 1_700_000_000);
});
