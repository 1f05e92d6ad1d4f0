import assert from "node:assert/strict";
import { test } from "node:test";

import { evidenceText, verdictBadge, verdictCounts, verdictMeaning, verdictText, whyText } from "../../../dashboard/static/avatar_monitoring/lib/verdicts.js";

test("a verdict is said in words", () => {
    assert.equal(verdictText("network"), "slow network");
    assert.equal(verdictText("server_loop"), "server busy");
    assert.deepEqual([null, undefined, "unknown"].map(verdictText), ["not known", "not known", "not known"]);
});

test("a verdict of a newer release is shown as it is", () => {
    assert.equal(verdictText("disk_full"), "disk full");
    assert.equal(verdictMeaning("disk_full"), "");
    assert.equal(verdictBadge("disk_full"), "stale");
});

test("the evidence is said in numbers with their units", () => {
    assert.equal(evidenceText({ ping_ms: 427, kernel_rtt_ms: 0.2, retransmits: 3 }), "round trip 427 ms, TCP round trip 0.20 ms, 3 segments sent again");
    assert.equal(evidenceText({ not_read_ms: 900, unsent_bytes: 3_800_000 }), "receive window full for 900 ms, 3.6 MB unsent here");
    assert.equal(evidenceText({ slow_frames_percent: 40, hidden: 1, novelty: 2 }), "40 % of frames slow");
    assert.equal(evidenceText(undefined), "");
});

test("why it is so tells how sure", () => {
    assert.equal(whyText({ verdict: "network", evidence: { ping_ms: 427 }, sure: "medium" }), "The way to the client is slow or loses data. Probable: round trip 427 ms.");
    assert.equal(whyText({ verdict: "fine" }), "Nothing is slow.");
    assert.equal(whyText({ verdict: null }), "Too little was measured to say.");
});

test("chips show the verdicts that any client has, and the wanted one", () => {
    assert.deepEqual(verdictCounts({ network: 2, fine: 9 }, "hidden"), [
        { verdict: "fine", text: "fine", count: 9 },
        { verdict: "network", text: "slow network", count: 2 },
        { verdict: "hidden", text: "tab hidden", count: 0 },
    ]);
    assert.deepEqual(verdictCounts({ disk_full: 1 }).map(({ text }) => text), ["disk full"]);
    assert.deepEqual(verdictCounts(undefined), []);
});

test("a count of none is left out, and a short time is not zero", () => {
    assert.equal(evidenceText({ ping_ms: 405, kernel_rtt_ms: 0, retransmits: 0, pauses: 0 }), "round trip 405 ms, TCP round trip under 0.1 ms");
});

test("a long round trip with a short one of TCP says where to look", () => {
    const hint = "the time passes beyond the next hop";
    const why = (evidence, verdict = "network") => whyText({ verdict, evidence, sure: "medium" });
    assert.ok(why({ ping_ms: 405, kernel_rtt_ms: 0.2, retransmits: 0 }).includes(hint));
    assert.ok(why({ unanswered_ms: 2_400, kernel_rtt_ms: 0.2 }).includes(hint));
    assert.ok(!why({ ping_ms: 405, kernel_rtt_ms: 390 }).includes(hint));
    assert.ok(!why({ ping_ms: 405 }).includes(hint));
    assert.ok(!why({ ping_ms: 40, kernel_rtt_ms: 0.2, retransmits: 5 }).includes(hint));
    assert.ok(!why({ ping_ms: 0.4, kernel_rtt_ms: 0 }, "fine").includes(hint));
});
