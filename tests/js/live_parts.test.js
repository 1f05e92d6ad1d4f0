import assert from "node:assert/strict";
import { test } from "node:test";

import { AlertRegions } from "../../dashboard/static/dashboard/alert_regions.js";
import { backoffSeconds } from "../../dashboard/static/dashboard/backoff.js";
import { cardValues } from "../../dashboard/static/dashboard/card_values.js";
import { countdown, describe, isStale } from "../../dashboard/static/dashboard/connection.js";
import { grouped, standing } from "../../dashboard/static/dashboard/alert_groups.js";
import { band, bySeverity, warningCount } from "../../dashboard/static/dashboard/severity.js";
import { sparklinePath } from "../../dashboard/static/dashboard/sparkline.js";
import { byteSteps, rangeOf, timeLabels, valueRange } from "../../dashboard/static/dashboard/axes.js";

const thresholds = { cpu_percent: 80, memory_percent: 85, latency_ms: 100, stale_client_seconds: 60 };
const system = { cpu_percent: 85, memory_percent: 70, memory_used_mb: 2048, memory_total_mb: 4096, network_sent_mb: 125.3, network_recv_mb: 89.7, reason: null };
const server = { active_connections: 5, viewers: 1, messages_per_second: 8.5, total_messages: 12450, uptime_seconds: 3600, average_latency_ms: 15.2, p50_latency_ms: 12, p95_latency_ms: 30 };
const cards = (changes = {}) => cardValues({ system: { ...system, ...changes.system }, server: { ...server, ...changes.server } }, { sent: 1024, received: null }, thresholds);

test("waits double up to 30 s and are shortened at random", () => {
    assert.deepEqual([0, 1, 2, 4, 5, 20].map((attempt) => backoffSeconds(attempt, () => 0)), [1, 2, 4, 16, 30, 30]);
    assert.equal(backoffSeconds(20, () => 1), 21);
});

test("a value is normal, near its limit from 80 % of it, or over it", () => {
    assert.deepEqual([63, 64, 80, 80.1].map((value) => band(value, 80)), ["normal", "warning", "warning", "breach"]);
    assert.deepEqual([band(null, 80), band(5, undefined)], ["unknown", "normal"]);
});

test("cards carry number, unit and band", () => {
    assert.deepEqual(cards().cpu, { figures: [{ mark: "", text: "85.0", unit: "%" }], note: "limit 80 %", band: "breach" });
    assert.equal(cards().memory.band, "warning");
    assert.equal(cards().memory.note, "2.0 GB of 4.0 GB");
    assert.equal(cards().connections.figures[0].text, "5");
});

test("network is a rate, with the totals below", () => {
    const { figures, note } = cards().network;
    assert.deepEqual(figures.map(({ text, unit }) => [text, unit]), [["1.0", "KB/s"], ["–", ""]]);
    assert.match(note, /125 MB.*89.7 MB/);
});

test("without psutil the cards say why and never 0", () => {
    const reason = "psutil is not installed: pip install psutil";
    const missing = cards({ system: { cpu_percent: null, memory_percent: null, network_sent_mb: null, reason } });
    for (const key of ["cpu", "memory", "network"]) {
        assert.deepEqual([missing[key].figures[0].text, missing[key].note], ["not collected", reason]);
    }
    assert.equal(missing.rate.figures[0].text, "8.5");
});

test("an unread part of the host says why and the others continue", () => {
    const reason = "memory: memory.max is denied; cpu: known from the second reading on";
    const { cpu, memory, network } = cards({ system: { cpu_percent: null, reason } });
    assert.deepEqual([cpu.figures[0].text, cpu.note], ["not collected", "known from the second reading on"]);
    assert.equal(memory.figures[0].text, "70.0");
    assert.equal(network.missing, undefined);
});

test("an unmeasured latency is not 0", () => {
    const { figures, note } = cards({ server: { average_latency_ms: 0, p50_latency_ms: null, p95_latency_ms: null } }).latency;
    assert.deepEqual([figures[0].text, note], ["–", "no round trip measured yet"]);
});

test("sparklines fill their box and break at gaps", () => {
    assert.equal(sparklinePath([0, 10, 5], 100, 20), "M0 20L50 0L100 10");
    assert.equal(sparklinePath([1, null, 1], 100, 20), "M0 0M100 0");
    assert.equal(sparklinePath([5], 100, 20, 10), "M0 10");
    assert.equal(sparklinePath([], 100, 20), "");
    assert.equal(sparklinePath([0, 0], 100, 20), "M0 20L100 20");
});

test("the banner says what happened and what to do", () => {
    assert.equal(describe({ name: "live" }).text, "");
    assert.deepEqual(describe({ name: "waiting", code: 4012 }), { pill: "Reconnecting", text: "The server is restarting.", kind: "waiting", retry: true });
    assert.deepEqual([describe({ name: "connecting" }).text, describe({ name: "connecting", again: true }).text], ["", "Reconnecting now …"]);
    assert.match(describe({ name: "waiting", busy: true }).text, /too busy/);
    assert.equal(describe({ name: "expired" }).login, true);
    assert.match(describe({ name: "forbidden" }).text, /monitoring\.view_live/);
    assert.equal(countdown(2400, 0), "Reconnecting in 3 s");
    assert.equal(countdown(0, 5000), "Reconnecting in 0 s");
});

test("numbers are old after three intervals", () => {
    assert.deepEqual([isStale(3, 1), isStale(3.1, 1), isStale(5, 2)], [false, true, false]);
});

const stale = (id) => ({ metric: "stale_client_seconds", severity: "info", subject: id, timestamp: 1 });
const hot = { metric: "cpu_percent", severity: "warning", subject: "vm", timestamp: 5 };

test("warnings come first and are counted", () => {
    assert.deepEqual(bySeverity([stale("a"), hot]).map(({ severity }) => severity), ["warning", "info"]);
    assert.equal(warningCount([stale("a"), hot]), 1);
});

test("many silent clients are one line", () => {
    const few = ["a", "b", "c"].map(stale);
    assert.deepEqual(grouped(few), { single: few, stale: [] });
    const many = ["a", "b", "c", "d"].map(stale);
    assert.deepEqual(grouped([...many, hot]), { single: [hot], stale: many });
});

test("alerts become spans of time, one per episode", () => {
    const regions = new AlertRegions();
    const alert = { metric: "cpu_percent", subject: "vm", timestamp: 98, message: "High CPU" };
    for (const now of [100, 101, 102]) regions.update([alert], now, 1);
    regions.update([{ ...alert, timestamp: 200 }], 200, 1);
    assert.deepEqual(regions.of("cpu_percent").map(({ start, end }) => [start, end]), [[98, 102], [200, 200]]);
    assert.deepEqual(regions.of("latency_ms"), []);
    regions.update([], 200 + 3601, 1);
    assert.deepEqual(regions.of("cpu_percent"), []);
});

test("ranges begin at 0, and count the limit once values come near", () => {
    assert.deepEqual(valueRange(10, { ceiling: 100 }), [0, 100]);
    assert.deepEqual(valueRange(null, { least: 4 }), [0, 4]);
    assert.equal(valueRange(10, { threshold: 100 })[1], 11.5);
    assert.ok(valueRange(60, { threshold: 100 })[1] > 100);
    assert.deepEqual(rangeOf("%", 80).ceiling, 100);
});

test("ticks of bytes are powers of two", () => {
    assert.ok(byteSteps().includes(512 * 1024));
    assert.ok(!byteSteps().includes(1000));
});

test("ticks name the day at its beginning", () => {
    const midnight = new Date(2026, 10, 23).getTime() / 1000;
    assert.deepEqual(timeLabels([midnight, midnight + 7200], 7200), ["23 Nov", "02:00"]);
    assert.deepEqual(timeLabels([midnight + 5], 5), ["00:00:05"]);
    const months = [11, 12, 13].map((month) => new Date(2025, month, 1).getTime() / 1000);
    assert.deepEqual(timeLabels(months, 31 * 86_400), ["1 Dec", "2026", "1 Feb"]);
});

test("an alert shows its current value and its peak, each in its own unit", () => {
    const alert = { metric: "cpu_percent", current: 28.84, peak: 97.1, timestamp: 1000 };
    assert.equal(standing(alert, 1540), "now 28.8 % · peak 97.1 % · for 9 min");
    assert.equal(standing({ ...alert, metric: "latency_ms", peak: 804 }, 1010), "now 28.8 ms · peak 804 ms · for 10 s");
    assert.equal(standing({ ...alert, metric: "stale_client_seconds", current: 75, peak: 75 }, 1010), "now 1 min 15 s · peak 1 min 15 s · for 10 s");
});

test("an unknown current value is a dash, and the past shows only the peak", () => {
    const alert = { metric: "cpu_percent", current: null, peak: 97.1, timestamp: 1000 };
    assert.equal(standing(alert, 1010), "now – · peak 97.1 % · for 10 s");
    assert.equal(standing(alert, 1010, true), "peak 97.1 % · for 10 s");
    assert.equal(standing({ ...alert, peak: undefined }, 1010), "now – · for 10 s");
});
