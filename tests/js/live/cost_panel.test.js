import assert from "node:assert/strict";
import { test } from "node:test";

import { costValues, guardValues, journalFacts, keptText, stretchedText } from "../../../dashboard/static/avatar_monitoring/live/cost_panel.js";

const monitor = { cpu_ms: 0.624, cpu_percent: 0.062, budget_percent: 1, tick_lag_ms: 0.4, loop_lag_ms: 12.3, bytes_broadcast: 1830, interval: 1, stretched: false };
const frame = (changes = {}, cost = {}) => ({ interval: 1, stretched: false, server: { monitor: { ...monitor, ...cost }, paused_reads: 2, closed_slow: 0, refused_messages: 1234, skipped_frames: 5 }, ...changes });
const well = { backlog: 0, spilled: 0, spilled_bytes: 0, dropped: 0, set_aside: 0, lag_seconds: 0, waits_for: "", since: null, on_disk: true };
const journalFrame = (changes = {}) => ({ timestamp: 1000, server: { journal: { ...well, ...changes } } });

test("each cost has a number, a unit and what it means", () => {
    const { cpu, share, sent, tickLag, loopLag, interval } = costValues(frame(), 1);
    assert.deepEqual([cpu, share, sent, tickLag, loopLag, interval].map(({ text, unit }) => `${text} ${unit}`), ["0.62 ms", "0.062 %", "1.8 KB", "0.40 ms", "12.3 ms", "1 s"]);
    assert.equal(sent.title, "1,830 bytes");
    assert.deepEqual([share.note, share.band, interval.note], ["of a core, budget 1 %", "normal", "as configured"]);
});

test("a share near or over its budget is marked", () => {
    assert.deepEqual([0.5, 0.9, 1.2].map((cpu_percent) => costValues(frame({}, { cpu_percent }), 1).share.band), ["normal", "warning", "breach"]);
});

test("before the first tick the cost is zero", () => {
    const { cpu, sent } = costValues(frame({}, { cpu_ms: 0, bytes_broadcast: 0 }), 1);
    assert.deepEqual([cpu.text, sent.text], ["0", "0"]);
});

test("a stretched interval says so", () => {
    assert.equal(stretchedText(frame(), 1), "");
    const stretched = frame({ interval: 4, stretched: true }, { interval: 4, stretched: true });
    assert.match(stretchedText(stretched, 1), /every 4 s instead of every 1 s/);
    assert.equal(costValues(stretched, 1).interval.note, "instead of 1 s");
    assert.match(stretchedText(frame({}, { interval: 2, stretched: true }), 1), /^A node measures only every 2 s/);
});

test("the protection counters are whole numbers", () => {
    assert.deepEqual(guardValues(frame()), { paused_reads: "2", closed_slow: "0", refused_messages: "1,234", skipped_frames: "5", refused: "0" });
});

test("refused connections are listed by cause, the most frequent first", () => {
    const { server } = frame();
    const refused = { name: 2, not_signed_in: 1000 };
    assert.equal(guardValues({ server: { ...server, refused } }).refused, "1,002 (not signed in 1,000, name 2)");
});

test("a journal without a backlog is up to date", () => {
    assert.deepEqual(journalFacts(journalFrame()), { journal: "up to date", dropped: "0", set_aside: "0" });
    assert.equal(keptText(journalFrame()), "");
});

test("waiting batches are shown with place, size and age", () => {
    const facts = journalFacts(journalFrame({ spilled: 1180, spilled_bytes: 900000, backlog: 1, dropped: 3, set_aside: 2, lag_seconds: 5900 }));
    assert.equal(facts.journal, "1,180 batches on disk (879 KB), 1 batch in memory, the oldest for 1 h 38 min");
    assert.deepEqual([facts.dropped, facts.set_aside], ["3", "2"]);
});

test("the notice of an outage says since when, and where history is kept", () => {
    assert.match(keptText(journalFrame({ waits_for: "redis", since: 900 })), /^Redis does not answer\. History has been kept on disk since \d\d:\d\d:\d\d/);
    assert.match(keptText(journalFrame({ waits_for: "room", since: 900 })), /^The journal is full/);
    assert.match(keptText(journalFrame({ waits_for: "database", since: 900 })), /^The database, which knows/);
    assert.match(keptText(journalFrame({ waits_for: "redis", since: 900, on_disk: false })), /in memory since .* one hour at most/);
});

test("a short failure is not reported", () => {
    assert.equal(keptText(journalFrame({ waits_for: "redis", since: 998 })), "");
});

test("a server without a journal shows nothing about it", () => {
    const without = { timestamp: 1000, server: { journal: null } };
    assert.deepEqual([journalFacts(without), keptText(without)], [null, ""]);
    assert.deepEqual([journalFacts({ server: {} }), keptText({ server: {} })], [null, ""]);
});
