import assert from "node:assert/strict";
import { test } from "node:test";

import { waitingIn } from "../../../dashboard/static/avatar_monitoring/lib/attention.js";
import { isAway } from "../../../dashboard/static/avatar_monitoring/lib/connection.js";
import { PageTitle, titleOf } from "../../../dashboard/static/avatar_monitoring/lib/title.js";

const hot = (subject, more = {}) => ({ metric: "cpu_percent", subject, severity: "warning", current: 97, peak: 97, threshold: 80, timestamp: 1, ...more });

test("what nobody has acknowledged or silenced waits, in groups by rule", () => {
    const alerts = [hot("a"), hot("b"), hot("c", { acknowledged: { by: "kim", until: null } }), hot("d", { silenced: true }), hot("e", { rule: "busy", message: "Busy" })];
    const { count, groups } = waitingIn({ alerts }, null);
    assert.equal(count, 3);
    assert.deepEqual(groups.map(({ rule, count: many }) => [rule, many]), [["cpu_percent", 2], ["busy", 1]]);
});

test("alerts that a frame has no room for wait too", () => {
    assert.equal(waitingIn({ alerts: [hot("a")], alerts_total: 150 }, null).count, 150);
});

test("alerts that no node measures come from the server's answer, once", () => {
    const answer = { count: 9, groups: [{ rule: "few", severity: "critical", count: 1, text: "Few" }, { rule: "cpu_percent" }], others: [["few", "fleet"], ["gone", "vm:1"]] };
    const listed = waitingIn({ alerts: [hot("a"), hot("vm:1", { rule: "gone", message: "Gone" })] }, answer);
    assert.equal(listed.count, 3);
    assert.deepEqual(listed.groups.map(({ rule }) => rule), ["cpu_percent", "gone", "few"]);
});

test("the title counts, and says when the server is away", () => {
    assert.equal(titleOf({ plain: "Live", count: 0 }), "Live");
    assert.equal(titleOf({ plain: "Live", count: 3 }), "(3) Live");
    assert.equal(titleOf({ plain: "Live", count: 3, isAway: true }), "Server away · Live");
});

test("title and icon change together, and the page may change its name meanwhile", () => {
    const icon = { dataset: { plain: "/icon.svg", countingUrl: "/count.svg" }, href: "/icon.svg", getAttribute: () => icon.href, setAttribute: (_, value) => { icon.href = value; } };
    const page = { title: "(2) Live · Site", getElementById: () => icon };
    const title = new PageTitle(page);
    title.tell(12);
    assert.deepEqual([page.title, icon.href], ["(12) Live · Site", "/count.svg?count=10"]);
    title.name("At 12:00 · Site");
    assert.equal(page.title, "(12) At 12:00 · Site");
    title.tell(0);
    title.name();
    assert.deepEqual([page.title, icon.href], ["Live · Site", "/icon.svg"]);
});

test("a lost connection is an absent server, unless something else is wrong", () => {
    assert.equal(isAway({ name: "waiting" }), true);
    assert.equal(isAway({ name: "waiting", why: { name: "away" } }), true);
    assert.equal(isAway({ name: "waiting", why: { name: "wsgi" } }), false);
    assert.equal(isAway({ name: "waiting", busy: true }), false);
    assert.equal(isAway({ name: "expired" }), false);
    assert.deepEqual([true, false].map((was) => isAway({ name: "connecting", again: true }, was)), [true, false]);
});

test("the icon says that the server is away, and afterwards how many alerts wait again", () => {
    const icon = { dataset: { plain: "/plain.svg", away: "/away.svg", countingUrl: "/icon" }, getAttribute: (name) => icon[name], setAttribute: (name, value) => { icon[name] = value; } };
    const title = new PageTitle({ title: "Live · Site", getElementById: () => icon });
    title.tell(2);
    title.away(true);
    assert.equal(icon.href, "/away.svg");
    title.away(false);
    assert.equal(icon.href, "/icon?count=2");
});
