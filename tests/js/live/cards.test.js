import assert from "node:assert/strict";
import { test } from "node:test";

import { cardValues, sparklinePath } from "../../../dashboard/static/avatar_monitoring/live/cards.js";
import { pastFrame } from "../../../dashboard/static/avatar_monitoring/past/frame.js";

const thresholds = { cpu_percent: 80, memory_percent: 85, latency_ms: 100, stale_client_seconds: 60 };
const system = { cpu_percent: 85, memory_percent: 70, memory_used_mb: 2048, memory_total_mb: 4096, network_sent_mb: 125.3, network_recv_mb: 89.7, reason: null };
const server = { active_connections: 5, viewers: 1, messages_per_second: 8.5, total_messages: 12450, uptime_seconds: 3600, average_latency_ms: 15.2, p50_latency_ms: 12, p95_latency_ms: 30 };
const cards = (changes = {}) => cardValues({ system: { ...system, ...changes.system }, server: { ...server, ...changes.server } }, { sent: 1024, received: null }, thresholds);
const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

test("cards show number, unit and band", () => {
    assert.deepEqual(cards().cpu, { figures: [{ mark: "", text: "85.0", unit: "%" }], note: "", band: "breach" });
    assert.equal(cards().memory.band, "warning");
    assert.equal(cards().memory.note, "2.0 GB of 4.0 GB");
    assert.equal(cards().connections.figures[0].text, "5");
});

test("network is a rate, with the totals below", () => {
    const { figures, note } = cards().network;
    assert.deepEqual(figures.map(({ text, unit }) => [text, unit]), [["1.0", "KB/s"], ["–", ""]]);
    assert.match(note, /125 MB.*89.7 MB/);
});

test("what is scaled or rounded has its exact value in its title", () => {
    const { network, latency } = cards({ server: { p50_latency_ms: 123.456 } });
    assert.deepEqual(network.figures.map(({ title }) => title), ["1,024 B/s", ""]);
    assert.deepEqual(latency.figures.map(({ text, title }) => [text, title]), [["123", "123.456 ms"], ["30.0", "30.000 ms"]]);
});

test("without psutil the cards show the reason, never 0", () => {
    const reason = "psutil is not installed: pip install psutil";
    const missing = cards({ system: { cpu_percent: null, memory_percent: null, network_sent_mb: null, reason } });
    for (const key of ["cpu", "memory", "network"]) {
        assert.deepEqual([missing[key].figures[0].text, missing[key].note], ["not collected", reason]);
    }
    assert.equal(missing.rate.figures[0].text, "8.5");
});

test("a missing reading shows its reason and the others stay", () => {
    const reason = "memory: memory.max is denied; cpu: known from the second reading on";
    const { cpu, memory, network } = cards({ system: { cpu_percent: null, reason } });
    assert.deepEqual([cpu.figures[0].text, cpu.note], ["not collected", "known from the second reading on"]);
    assert.equal(memory.figures[0].text, "70.0");
    assert.equal(network.missing, undefined);
});

test("a latency that was never measured is not 0", () => {
    const { figures, note } = cards({ server: { average_latency_ms: 0, p50_latency_ms: null, p95_latency_ms: null } }).latency;
    assert.deepEqual([figures[0].text, note], ["–", "no round trip measured yet"]);
});

test("a latency that the server cannot measure says so where the number would stand", () => {
    const unmeasured = { average_latency_ms: 0, p50_latency_ms: null, p95_latency_ms: null, round_trips: "not reported by granian" };
    assert.equal(cards({ server: unmeasured }).latency.note, "round trips are not reported by granian");
    assert.match(cards({ server: { round_trips: "not reported by granian" } }).latency.note, /avg/);
});

test("sparklines fill their box and break at gaps", () => {
    assert.equal(sparklinePath([0, 10, 5], 100, 20), "M0 20L50 0L100 10");
    assert.equal(sparklinePath([1, null, 1], 100, 20), "M0 0M100 0");
    assert.equal(sparklinePath([5], 100, 20, 10), "M0 10");
    assert.equal(sparklinePath([], 100, 20), "");
    assert.equal(sparklinePath([0, 0], 100, 20), "M0 20L100 20");
});

test("cards show only what is known of the past", () => {
    const row = { cpu_percent: 20, memory_percent: 40, memory_used_mb: 2048, active_connections: 3, messages_per_second: 2, connects: 2, disconnects: 1 };
    const cards = (of) => cardValues(pastFrame(noon, of, null), { sent: null, received: null }, { cpu_percent: 80 });
    const notes = Object.fromEntries(Object.entries(cards(row)).map(([key, { note }]) => [key, note]));
    assert.deepEqual(notes, { cpu: "", memory: "2.0 GB in use", network: "", connections: "2 joined, 1 left", rate: "", latency: "no round trip measured" });
    assert.deepEqual(Object.values(cards(null)).map(({ figures }) => figures[0].text), ["–", "–", "–", "–", "–", "–"]);
    assert.deepEqual(Object.values(cards(null)).map(({ band }) => band), Array(6).fill("unknown"));
});

test("a card whose alert still fires is not normal", () => {
    const frame = { ...pastFrame(noon, { cpu_percent: 20 }, null), alerts: [{ metric: "cpu_percent" }] };
    const { cpu, memory } = cardValues(frame, { sent: null, received: null }, { cpu_percent: 80, memory_percent: 85 });
    assert.deepEqual([cpu.band, memory.band], ["firing", "unknown"]);
});
