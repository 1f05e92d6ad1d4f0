import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, headingText, noteText, titleText, utcText } from "../../dashboard/static/dashboard/past_words.js";
import { cardValues } from "../../dashboard/static/dashboard/card_values.js";
import { Episodes } from "../../dashboard/static/dashboard/episodes.js";
import { isPastSort, pastView, initialView } from "../../dashboard/static/dashboard/client_view.js";
import { momentOf, searchWith, trendsAround } from "../../dashboard/static/dashboard/past_address.js";
import { emptyBlock } from "../../dashboard/static/dashboard/clients_table.js";
import { pastFrame } from "../../dashboard/static/dashboard/past_frame.js";

const at = new Date(2026, 10, 24, 14, 3, 22).getTime() / 1000;
const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

test("the age of a moment is as precise as it matters", () => {
    assert.deepEqual([22, 200, 734, 4320, 90_000].map(ago), ["22 s ago", "3 min 20 s ago", "12 min ago", "1 h 12 min ago", "1 d 1 h ago"]);
});

test("the heading and the title say that this is not the present", () => {
    assert.equal(headingText(at, at + 734, "second"), "You are looking at 14:03:22, 12 min ago");
    assert.equal(headingText(at, at + 734, "minute"), "You are looking at the minute 14:03, 12 min ago");
    assert.equal(headingText(at, at + 3 * 86_400, "second"), "You are looking at 24 Nov 2026, 14:03:22, 3 d ago");
    assert.equal(titleText(at, at + 734, "second", "Avatar Monitoring"), "At 14:03:22, 12 min ago · Avatar Monitoring");
});

test("the time is also shown in UTC", () => {
    assert.match(utcText(noon), /12:00:00 UTC$/);
});

test("missing parts of a moment are reported", () => {
    const known = { tier: "second", isLoaded: true, isKnown: true, hasEnded: false, failure: "" };
    assert.equal(noteText(known), "");
    assert.match(noteText({ ...known, failure: "Redis does not answer" }), /Redis does not answer/);
    assert.match(noteText({ ...known, isLoaded: false }), /Fetching/);
    assert.match(noteText({ ...known, isKnown: false }), /Nothing is known of this second/);
    assert.match(noteText({ ...known, tier: "minute" }), /only whole minutes/);
    assert.match(noteText({ ...known, tier: "minute", isKnown: false }), /Nothing was stored/);
    assert.match(noteText({ ...known, hasEnded: true }), /newest second/);
});

test("the address carries the moment and keeps its other parameters", () => {
    assert.equal(searchWith("?a=1", noon), "?a=1&at=2026-11-24T12:00:00Z");
    assert.equal(searchWith("?a=1&at=2026-11-24T12:00:00Z", null), "?a=1");
    assert.equal(searchWith("?at=2026-11-24T12:00:00Z", null), "");
});

test("an address's moment is read in any zone", () => {
    const moments = ["2026-11-24T12:00:00Z", "2026-11-24T21:00%2B09:00", "2026-11-24T21:00:00+09:00"];
    assert.deepEqual(moments.map((text) => momentOf(`?at=${text}`, noon + 60)), moments.map(() => ({ at: noon })));
    assert.deepEqual(momentOf("?window=5", noon), { at: null });
});

test("an invalid or future moment is named", () => {
    for (const text of ["yesterday", "", "0001-01-01T00:00Z", "1969-12-31T23:59:59Z", "2026-11-24", "2026-13-24T12:00:00Z"]) {
        assert.deepEqual(momentOf(`?at=${text}`, noon), { at: null, error: `at=${text}: allowed is a moment such as 2026-11-24T12:00:00Z` });
    }
    assert.match(momentOf("?at=2026-11-24T12:00:01Z", noon).error, /has not been yet/);
});

test("the trends show the hour around it, and nothing in the future", () => {
    assert.equal(trendsAround("/trends/", noon, noon + 7200), "/trends/?from=2026-11-24T11:30:00Z&to=2026-11-24T12:30:00Z");
    assert.equal(trendsAround("/trends/", noon, noon + 60), "/trends/?from=2026-11-24T11:01:00Z&to=2026-11-24T12:01:00Z");
});

function episodes(now = noon) {
    const all = new Episodes();
    const started_at = new Date((noon - 600) * 1000).toISOString();
    all.take({ alerts: [
        { metric: "cpu_percent", severity: "warning", started_at, ended_at: new Date((noon - 300) * 1000).toISOString() },
        { metric: "latency_ms", severity: "info", started_at, ended_at: null },
    ] }, now);
    return all;
}

test("alerts are spans that end at the shown moment", () => {
    const spans = (metric, until) => episodes().of(metric, until).map(({ start, end }) => [start - noon, end - noon]);
    assert.deepEqual(spans("cpu_percent", noon), [[-600, -300]]);
    assert.deepEqual(spans("cpu_percent", noon - 400), [[-600, -400]]);
    assert.deepEqual(spans("cpu_percent", noon - 700), []);
    assert.deepEqual(spans("latency_ms", noon + 99), [[-600, 0]]);
});

test("alerts that the page saw itself take precedence", () => {
    const live = [{ start: noon - 600, end: noon + 5 }];
    assert.deepEqual(episodes().of("latency_ms", noon + 9, live), live);
    assert.equal(new Episodes().of("latency_ms", noon + 9, live).length, 1);
});

test("marks are shares of the timeline", () => {
    const marks = episodes().marks(noon - 450, noon + 150);
    assert.deepEqual(marks, [{ x: 0, width: 0.25, severity: "warning" }, { x: 0, width: 0.75, severity: "info" }]);
    assert.deepEqual(episodes().marks(noon + 1, noon + 2), []);
});

test("the past's clients are sorted by name and by what was kept about them", () => {
    assert.deepEqual(pastView({ ...initialView("ada"), offset: 200 }), { sort: "client_id", search: "ada", offset: 0, limit: 100 });
    assert.deepEqual(["connection_duration", "last_message_time"].map(isPastSort), [true, false]);
});

test("cards show nothing that the past does not know", () => {
    const row = { cpu: 20, memory: 40, used: 2048, connections: 3, rate: 2, average: null, p50: null, p95: null, p99: null, fps: null, connects: 2, disconnects: 1 };
    const cards = (of) => cardValues(pastFrame(noon, of, null), { sent: null, received: null }, { cpu_percent: 80 });
    const notes = Object.fromEntries(Object.entries(cards(row)).map(([key, { note }]) => [key, note]));
    assert.deepEqual(notes, { cpu: "limit 80 %", memory: "2.0 GB in use", network: "", connections: "2 came, 1 left", rate: "", latency: "no round trip measured" });
    assert.deepEqual(Object.values(cards(null)).map(({ figures }) => figures[0].text), ["–", "–", "–", "–", "–", "–"]);
    assert.deepEqual(Object.values(cards(null)).map(({ band }) => band), Array(6).fill("unknown"));
});

test("data that was not fetched yet is not reported as none", () => {
    assert.equal(pastFrame(noon, null, null).areAlertsKnown, false);
    assert.equal(pastFrame(noon, { cpu: 20 }, { alerts: [] }).areAlertsKnown, true);
    assert.match(noteText({ tier: "second", isLoaded: true, isKnown: true, isWhole: false, failure: "" }), /Fetching alerts and clients/);
});

test("if nothing was measured neither alerts nor clients are reported as none", () => {
    const moment = { at: noon, alerts: [], clients_total: 0 };
    assert.equal(pastFrame(noon, null, moment).areAlertsKnown, false);
    assert.equal(pastFrame(noon, null, { ...moment, alerts: [{ metric: "cpu_percent" }] }).areAlertsKnown, true);
    assert.equal(emptyBlock(pastFrame(noon, null, moment), 0), "unknown-then");
    assert.equal(emptyBlock(pastFrame(noon, { cpu: 20 }, moment), 0), "none-then");
    assert.equal(emptyBlock(pastFrame(noon, null, null), 0), "loading");
});

test("the card of a firing alert does not say normal", () => {
    const frame = { ...pastFrame(noon, { cpu: 20 }, null), alerts: [{ metric: "cpu_percent" }] };
    const { cpu, memory } = cardValues(frame, { sent: null, received: null }, { cpu_percent: 80, memory_percent: 85 });
    assert.deepEqual([cpu.band, memory.band], ["firing", "unknown"]);
});
