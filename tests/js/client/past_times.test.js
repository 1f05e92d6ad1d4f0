import assert from "node:assert/strict";
import { test } from "node:test";

import { happenedIn, PastTimes } from "../../../dashboard/static/avatar_monitoring/client/past_times.js";

function watched() {
    const timers = [];
    let asked = 0;
    const times = new PastTimes(() => { asked += 1; }, { setTimer: (call, ms) => timers.push({ call, ms }) });
    const run = () => timers.splice(0).map(({ call, ms }) => (call(), ms));
    return { times, run, asked: () => asked };
}

const alert = (subject, more = {}) => ({ scope: "client", subject, rule: "latency_ms", ...more });

test("the past is fetched at once, and again when the journal has what came before the page", () => {
    const { times, run, asked } = watched();
    times.opened();
    assert.equal(asked(), 1);
    assert.deepEqual([run(), asked()], [[16_000], 2]);
});

test("after a failure it is fetched again in five seconds, once, until it succeeds", () => {
    const { times, run, asked } = watched();
    times.failed();
    times.failed();
    assert.deepEqual([run(), asked()], [[5000], 1]);
    times.failed();
    assert.deepEqual([run(), asked()], [[5000], 2]);
    assert.deepEqual(run(), []);
});

test("it is fetched again when the client comes back or an alert of it begins, and not for others", () => {
    const { times, run } = watched();
    const told = (client, alerts) => times.take(happenedIn({ client, alerts }, "ann"));
    told({ connected_at: 1 });
    told({ connected_at: 1 }, [alert("bob"), alert("ann", { scope: "node" })]);
    assert.deepEqual(run(), []);
    told({ connected_at: 1 }, [alert("ann")]);
    assert.deepEqual(run(), [16_000, 75_000]);
    told({ connected_at: 1 }, [alert("ann", { current: 3 })]);
    assert.deepEqual(run(), []);
    told(null, []);
    told({ connected_at: 9 }, []);
    assert.deepEqual(run(), [16_000, 75_000, 16_000, 75_000]);
});
