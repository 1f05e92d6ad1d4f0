import assert from "node:assert/strict";
import { test } from "node:test";

import { journalFacts, keptText } from "../../dashboard/static/dashboard/journal_values.js";

const well = { backlog: 0, spilled: 0, spilled_bytes: 0, dropped: 0, set_aside: 0, lag_seconds: 0, waits_for: "", since: null, on_disk: true };
const frame = (changes = {}) => ({ timestamp: 1000, server: { journal: { ...well, ...changes } } });

test("a journal that accepts everything says so", () => {
    assert.deepEqual(journalFacts(frame()), { journal: "takes everything", dropped: "0", set_aside: "0" });
    assert.equal(keptText(frame()), "");
});

test("waiting batches are shown by place, size and age", () => {
    const facts = journalFacts(frame({ spilled: 1180, spilled_bytes: 900000, backlog: 1, dropped: 3, set_aside: 2, lag_seconds: 5900 }));
    assert.equal(facts.journal, "1,180 batches on disk (879 KB), 1 batch in memory, the oldest for 1 h 38 min");
    assert.deepEqual([facts.dropped, facts.set_aside], ["3", "2"]);
});

test("an outage says since when, and where history is", () => {
    assert.match(keptText(frame({ waits_for: "redis", since: 900 })), /^Redis is away\. History is being kept on disk since \d\d:\d\d:\d\d/);
    assert.match(keptText(frame({ waits_for: "room", since: 900 })), /^The journal has no room/);
    assert.match(keptText(frame({ waits_for: "database", since: 900 })), /^The database is away, which knows/);
    assert.match(keptText(frame({ waits_for: "redis", since: 900, on_disk: false })), /in memory since .* an hour of it at most/);
});

test("a momentary failure is not shown", () => {
    assert.equal(keptText(frame({ waits_for: "redis", since: 998 })), "");
});

test("a server without a journal shows nothing about it", () => {
    const without = { timestamp: 1000, server: { journal: null } };
    assert.deepEqual([journalFacts(without), keptText(without)], [null, ""]);
    assert.deepEqual([journalFacts({ server: {} }), keptText({ server: {} })], [null, ""]);
});
