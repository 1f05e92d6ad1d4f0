import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, headingText, momentOf, noteText, searchWith, titleText, trendsAround } from "../../../dashboard/static/avatar_monitoring/past/head.js";
import { emptyBlock } from "../../../dashboard/static/avatar_monitoring/clients/table.js";
import { pastFrame } from "../../../dashboard/static/avatar_monitoring/past/frame.js";

const at = new Date(2026, 10, 24, 14, 3, 22).getTime() / 1000;
const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

test("the age of a moment is as precise as it matters", () => {
    assert.deepEqual([22, 200, 734, 4320, 90_000].map(ago), ["22 s ago", "3 min 20 s ago", "12 min ago", "1 h 12 min ago", "1 d 1 h ago"]);
});

test("the heading and the title say that this is the past", () => {
    assert.equal(headingText(at, at + 734, "second"), "You are looking at 14:03:22, 12 min ago");
    assert.equal(headingText(at, at + 734, "minute"), "You are looking at the minute 14:03, 12 min ago");
    assert.equal(headingText(at, at + 3 * 86_400, "second"), "You are looking at 24 Nov 2026, 14:03:22, 3 d ago");
    assert.equal(titleText(at, at + 734, "second", "Avatar Monitoring"), "At 14:03:22, 12 min ago · Avatar Monitoring");
});

test("the note says what is missing", () => {
    const known = { tier: "second", isLoaded: true, isKnown: true, hasEnded: false, failure: "" };
    assert.equal(noteText(known), "");
    assert.match(noteText({ ...known, failure: "Redis does not answer" }), /Redis does not answer/);
    assert.match(noteText({ ...known, isLoaded: false }), /Loading/);
    assert.match(noteText({ ...known, isKnown: false }), /Nothing was measured in this second/);
    assert.match(noteText({ ...known, tier: "minute" }), /Only whole minutes/);
    assert.match(noteText({ ...known, tier: "minute", isKnown: false }), /Nothing was stored/);
    assert.match(noteText({ ...known, hasEnded: true }), /newest second/);
});

test("the address has the moment and keeps its other parameters", () => {
    assert.equal(searchWith("?a=1", noon), "?a=1&at=2026-11-24T12:00:00Z");
    assert.equal(searchWith("?a=1&at=2026-11-24T12:00:00Z", null), "?a=1");
    assert.equal(searchWith("?at=2026-11-24T12:00:00Z", null), "");
});

test("a moment in the address may have any time zone", () => {
    const moments = ["2026-11-24T12:00:00Z", "2026-11-24T21:00%2B09:00", "2026-11-24T21:00:00+09:00"];
    assert.deepEqual(moments.map((text) => momentOf(`?at=${text}`, noon + 60)), moments.map(() => ({ at: noon })));
    assert.deepEqual(momentOf("?window=5", noon), { at: null });
});

test("an invalid moment and one in the future are named", () => {
    for (const text of ["yesterday", "", "0001-01-01T00:00Z", "1969-12-31T23:59:59Z", "2026-11-24", "2026-13-24T12:00:00Z"]) {
        assert.deepEqual(momentOf(`?at=${text}`, noon), { at: null, error: `at=${text} is not a moment. Write it like 2026-11-24T12:00:00Z` });
    }
    assert.match(momentOf("?at=2026-11-24T12:00:01Z", noon).error, /is in the future/);
});

test("a moment that is none is shown in its first letters, with invisible ones spelled out", () => {
    const said = (text) => momentOf(`?at=${encodeURIComponent(text)}`, noon).error.split(" is not a moment")[0];
    assert.equal(said("a".repeat(5000)), `at=${"a".repeat(40)}…`);
    assert.equal(said("\u202eabc\0\n"), "at=\\u202eabc\\u0000\\u000a");
    assert.equal(said("😀".repeat(41)), `at=${"😀".repeat(40)}…`);
});

test("the trends show the hour around a moment, but not the future", () => {
    assert.equal(trendsAround("/trends/", noon, noon + 7200), "/trends/?from=2026-11-24T11:30:00Z&to=2026-11-24T12:30:00Z");
    assert.equal(trendsAround("/trends/", noon, noon + 60), "/trends/?from=2026-11-24T11:01:00Z&to=2026-11-24T12:01:00Z");
});

test("data that is still loading is not shown as none", () => {
    assert.equal(pastFrame(noon, null, null).areAlertsKnown, false);
    assert.equal(pastFrame(noon, { cpu_percent: 20 }, { alerts: [] }).areAlertsKnown, true);
    assert.match(noteText({ tier: "second", isLoaded: true, isKnown: true, isWhole: false, failure: "" }), /Loading alerts and clients/);
});

test("if nothing was measured, alerts and clients are unknown, not none", () => {
    const moment = { at: noon, alerts: [], clients_total: 0 };
    assert.equal(pastFrame(noon, null, moment).areAlertsKnown, false);
    assert.equal(pastFrame(noon, null, { ...moment, alerts: [{ metric: "cpu_percent" }] }).areAlertsKnown, true);
    assert.equal(emptyBlock(pastFrame(noon, null, moment), 0), "unknown-then");
    assert.equal(emptyBlock(pastFrame(noon, { cpu_percent: 20 }, moment), 0), "none-then");
    assert.equal(emptyBlock(pastFrame(noon, null, null), 0), "loading");
});
