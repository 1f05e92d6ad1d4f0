import assert from "node:assert/strict";
import { test } from "node:test";

import { countText, entries, foldText, stateText } from "../../../dashboard/static/avatar_monitoring/alerts/list.js";

const stale = (id, more = {}) => ({ metric: "stale_client_seconds", severity: "info", subject: id, timestamp: 1, ...more });
const hot = { metric: "cpu_percent", severity: "warning", subject: "vm", timestamp: 5 };
const shown = (alerts) => entries(alerts).map(({ fold, alerts: together }) => [fold, together.map(({ subject }) => subject)]);

test("the most severe alerts come first, and what is acknowledged last", () => {
    const worst = { ...hot, subject: "db", severity: "critical", timestamp: 2 };
    const seen = { ...hot, subject: "seen", severity: "critical", acknowledged: { by: "kim", until: null } };
    assert.deepEqual(shown([stale("a"), seen, hot, worst]).flatMap(([, names]) => names), ["db", "vm", "a", "seen"]);
});

test("more than three alerts of a rule are folded", () => {
    assert.deepEqual(shown(["a", "b", "c"].map((id) => stale(id))).length, 3);
    assert.deepEqual(shown([...["a", "b", "c", "d"].map((id) => stale(id)), hot]), [["", ["vm"]], ["open stale_client_seconds", ["a", "b", "c", "d"]]]);
});

test("rules of the same metric are folded apart", () => {
    const alerts = [1, 2, 3, 4].flatMap((id) => [stale(`a${id}`, { rule: "first" }), stale(`b${id}`, { rule: "second" })]);
    assert.equal(entries(alerts).length, 2);
});

test("silenced alerts are folded at the end, however severe", () => {
    const quiet = { ...hot, subject: "quiet", severity: "critical", silenced: true };
    assert.deepEqual(shown([quiet, stale("a")]), [["", ["a"]], ["silenced", ["quiet"]]]);
    assert.equal(foldText("silenced", [quiet]), "1 silenced");
});

test("a fold says what and how many", () => {
    assert.equal(foldText("open", [stale("a"), stale("b")]), "2 alerts: Silent clients");
    assert.equal(foldText("acknowledged", [stale("a", { acknowledged: { by: "kim" } })]), "1 alert: Silent clients, acknowledged");
});

test("a line says who acknowledged it and until when", () => {
    const until = new Date(2026, 1, 1, 14, 5).toISOString();
    assert.equal(stateText({ acknowledged: { by: "kim", until } }), "acknowledged by kim until 14:05");
    assert.equal(stateText({ acknowledged: { by: "kim", until: Date.parse(until) / 1000 }, flapping: true }), "acknowledged by kim until 14:05 · flapping");
    assert.equal(stateText({ acknowledged: { by: "kim", until: null }, silenced: true }), "acknowledged by kim · silenced");
    assert.equal(stateText({ acknowledged: null }), "");
});

test("the count says how many alerts are listed", () => {
    assert.deepEqual([countText(0, 0), countText(3, 3), countText(20, 1500)], ["", "3", "20 of 1,500"]);
});
