import assert from "node:assert/strict";
import { test } from "node:test";

import { shownStates, stateBadge, stateText } from "../../../dashboard/static/avatar_monitoring/clients/states.js";

const thresholds = { stale_client_seconds: 60, latency_ms: 100 };
const row = (values) => ({ connected_at: 0, last_message_time: 100, average_latency_ms: 10, ...values });

test("a client shows its states, the worst first, and that it is active only if there is nothing else", () => {
    assert.deepEqual(shownStates(row({ states: ["slow", "low_fps", "live"] }), 110, thresholds), ["slow", "low_fps"]);
    assert.deepEqual(shownStates(row({ states: ["noisy", "live"] }), 110, thresholds).map(stateText), ["noisy"]);
    assert.deepEqual(shownStates(row({ states: ["live"] }), 110, thresholds), ["live"]);
});

test("of a node that says no states, the page tells stale and slow itself", () => {
    const of = (values, now) => shownStates(row(values), now, thresholds);
    assert.deepEqual([of({}, 160), of({ average_latency_ms: 101 }, 160), of({}, 161), of({ last_message_time: 0 }, 50)], [["live"], ["slow"], ["stale"], ["live"]]);
});

test("a state of another release is shown as it is", () => {
    assert.deepEqual([stateText("very_odd"), stateBadge("very_odd")], ["very odd", "stale"]);
});
