import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { choicesNow, isChosen, keepChoice, onChoice, withChoice, withChoicesOf } from "../../../dashboard/static/avatar_monitoring/charts/chart_choices.js";

afterEach(() => {
    delete globalThis.location;
    delete globalThis.history;
});

test("a choice is added to the address and taken out again, and all else stays", () => {
    const one = withChoice("?from=2026-01-02T12:00:00Z&sort=fps", "whole", "live-network", true);
    assert.equal(one, "?from=2026-01-02T12:00:00Z&sort=fps&whole=network");
    const both = withChoice(one, "whole", "messages", true);
    assert.equal(both, "?from=2026-01-02T12:00:00Z&sort=fps&whole=network,messages");
    assert.equal(withChoice(both, "whole", "messages", true), both);
    assert.equal(withChoice(withChoice(both, "whole", "live-network", false), "whole", "messages", false), "?from=2026-01-02T12:00:00Z&sort=fps");
    assert.equal(withChoice("?whole=cpu", "whole", "cpu", false), "");
});

test("what the address says is read, whatever else stands there", () => {
    assert.deepEqual(["network", "live-network", "cpu"].map((key) => isChosen("whole", key, "?whole=,x,network")), [true, true, false]);
    assert.equal(isChosen("table", "cpu", "?whole=cpu&table=%E0%A4%A"), false);
    assert.equal(isChosen("table", "cpu"), false, "where there is no address");
});

test("the address changes without a step for Back, and keeps its fragment", () => {
    const steps = [];
    globalThis.location = { search: "?range=24h", pathname: "/trends/", hash: "#departures" };
    globalThis.history = { state: "mine", replaceState: (...step) => steps.push(step) };
    keepChoice("table", "departures", true);
    keepChoice("table", "departures", false);
    assert.deepEqual(steps, [["mine", "", "/trends/?range=24h&table=departures#departures"]]);
});

test("Back and Forward say it again", () => {
    const [told, page] = [[], new EventTarget()];
    onChoice("whole", "cpu", (isOn) => told.push(isOn), page);
    for (const search of ["?whole=cpu", ""]) {
        globalThis.location = { search };
        page.dispatchEvent(new Event("popstate"));
    }
    assert.deepEqual(told, [true, false]);
});

test("a link to another range keeps how the page's parts are turned now", () => {
    const now = "?range=1h&whole=network,messages&open=groups";
    assert.equal(withChoicesOf("?range=24h", now), "?range=24h&whole=network,messages&open=groups");
    assert.equal(withChoicesOf("?range=24h&whole=cpu&table=cpu&node=web:1", now), "?range=24h&whole=network,messages&node=web:1&open=groups");
    assert.equal(withChoicesOf("?table=cpu", "?range=1h"), "");
    assert.deepEqual(choicesNow(now), [["whole", "network,messages"], ["open", "groups"]]);
});
