import assert from "node:assert/strict";
import { test } from "node:test";

import { chipsOf } from "../../../dashboard/static/avatar_monitoring/clients/chips.js";

const frame = { clients_total: 5, states: { live: 4, stale: 1, slow: 2 }, verdicts: { fine: 4, network: 1 } };
const said = (chips) => chips.map(({ text, count }) => `${text} ${count}`);

test("there is a chip for all clients, for each state, and for each verdict that a client has", () => {
    assert.deepEqual(said(chipsOf(frame, {})), ["all 5", "active 4", "idle 0", "stale 1", "slow 2", "low FPS 0", "noisy 0", "fine 4", "slow network 1"]);
});

test("one state and one verdict may be on at once, and all is on without them", () => {
    const on = (asked) => chipsOf(frame, asked).filter((chip) => chip.isOn).map((chip) => chip.text);
    assert.deepEqual(on({}), ["all"]);
    assert.deepEqual(on({ state: "slow", verdict: "network" }), ["slow", "slow network"]);
});

test("what was asked for has a chip even if no client is so any more", () => {
    assert.deepEqual(said(chipsOf({ clients_total: 1, verdicts: { fine: 1 } }, { state: "slow", verdict: "hidden" })), ["all 1", "slow 0", "fine 1", "tab hidden 0"]);
});

test("servers that count neither get no chips, nor does an empty site", () => {
    assert.deepEqual([chipsOf({ clients_total: 5 }, {}), chipsOf({ clients_total: 0, states: {}, verdicts: {} }, {})], [[], []]);
});
