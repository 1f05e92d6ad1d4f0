import assert from "node:assert/strict";
import { test } from "node:test";

import { countdown, describe, hasEnded, isStale } from "../../../dashboard/static/avatar_monitoring/lib/connection.js";

test("the banner says what happened and what to do", () => {
    assert.equal(describe({ name: "live" }).text, "");
    assert.deepEqual(describe({ name: "waiting", code: 4012 }), { pill: "Reconnecting", text: "The server is restarting.", kind: "waiting", retry: true });
    assert.deepEqual([describe({ name: "connecting" }).text, describe({ name: "connecting", again: true }).text], ["", "Reconnecting now …"]);
    assert.match(describe({ name: "waiting", busy: true }).text, /too busy/);
    assert.equal(describe({ name: "expired" }).login, true);
    assert.match(describe({ name: "forbidden" }).text, /monitoring\.view_live/);
    assert.equal(countdown(2400, 0), "Reconnecting in 3 s");
    assert.equal(countdown(0, 5000), "Reconnecting in 0 s");
});

test("numbers are stale after three intervals", () => {
    assert.deepEqual([isStale(3, 1), isStale(3.1, 1), isStale(5, 2)], [false, true, false]);
});

test("a connection has ended when it does not come back by itself", () => {
    const names = ["connecting", "live", "waiting", "expired", "forbidden", "replaced", "closed"];
    assert.deepEqual(names.filter((name) => hasEnded({ name })), ["expired", "forbidden", "replaced", "closed"]);
});
