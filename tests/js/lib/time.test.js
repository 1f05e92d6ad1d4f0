import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { fieldValue, ServerClock, tellFromPage } from "../../../dashboard/static/avatar_monitoring/lib/time.js";

const NOON = Date.UTC(2026, 0, 2, 12) / 1000;
const ZONE = process.env.TZ;

afterEach(() => {
    if (ZONE === undefined) delete process.env.TZ;
    else process.env.TZ = ZONE;
});

test("a field shows the reader's own time", () => {
    process.env.TZ = "Asia/Seoul";
    assert.equal(fieldValue(NOON, false), "2026-01-02T21:00");
    assert.equal(fieldValue(NOON + 5, true), "2026-01-02T21:00:05");
});

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
