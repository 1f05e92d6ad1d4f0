import assert from "node:assert/strict";
import { test } from "node:test";

import { HourFiller } from "../../../dashboard/static/avatar_monitoring/past/hour_filler.js";
import { SeriesBuffer } from "../../../dashboard/static/avatar_monitoring/charts/series_buffer.js";
import { serverOf } from "./answers.js";

const HELD = { from: 6000, to: 13_000 };
const frame = (seq) => ({ seq, epoch: "a", timestamp: seq + 0.4, live: true, system: { cpu_percent: 1, network_sent_mb: 0, network_recv_mb: 0 }, server: { active_connections: 3, p50_latency_ms: null } });

function fillerOf(server, ...frames) {
    const buffer = new SeriesBuffer();
    for (const each of frames) buffer.add(each);
    const clock = { now: 0 };
    return { buffer, clock, filler: new HourFiller({ buffer, ask: server.ask, onDone() {}, now: () => clock.now }) };
}

test("the hour before the first frame is filled in, and received frames stay unchanged", async () => {
    const server = serverOf(HELD);
    const { buffer, filler } = fillerOf(server, frame(12_000), frame(12_001));
    await filler.fill(12_000.4);
    assert.deepEqual(server.asked, [[8401, 12_001]]);
    assert.deepEqual(buffer.columns.time.slice(-4), [11_998, 11_999, 12_000.4, 12_001.4]);
    assert.deepEqual(buffer.columns.cpu_percent.slice(-3), [11_999, 1, 1]);
    assert.equal(buffer.columns.cpu_percent.includes(null), false);
    assert.equal(buffer.length, 3600);
});

test("if the journal is younger than an hour, all of it is fetched", async () => {
    const server = serverOf({ from: 11_000, to: 13_000 });
    const { buffer, filler } = fillerOf(server, frame(12_000));
    await filler.fill(12_000.4);
    assert.deepEqual(server.asked.at(-1), [11_000, 12_001]);
    assert.equal(buffer.columns.time[0], 11_000);
});

test("after a break only the gap is fetched, and nothing without a gap", async () => {
    const server = serverOf(HELD);
    const { buffer, filler } = fillerOf(server, frame(12_000), frame(12_030));
    await filler.fill(12_030.4);
    assert.deepEqual(server.asked, [[12_000, 12_031]]);
    assert.equal(buffer.columns.cpu_percent.includes(null), false);
    await filler.fill(12_030.4);
    assert.equal(server.asked.length, 1);
});

test("a failure is shown and tried again after half a minute", async () => {
    const server = { asked: 0, ask: async () => { server.asked += 1; throw new Error("the server answered 503"); } };
    const { clock, filler } = fillerOf(server, frame(12_000));
    await filler.fill(12_000.4);
    assert.equal(filler.missing, "The past is not available: the server answered 503");
    clock.now = 29_000;
    await filler.retry();
    assert.equal(server.asked, 1);
    clock.now = 30_000;
    server.ask = serverOf(HELD).ask;
    filler.ask = server.ask;
    await filler.retry();
    assert.equal(filler.missing, "");
});

test("an empty journal is asked again soon", async () => {
    const server = serverOf(null);
    const { buffer, clock, filler } = fillerOf(server, frame(12_000));
    await filler.fill(12_000.4);
    assert.match(filler.missing, /journal is empty/);
    assert.equal(buffer.length, 1);
    clock.now = 2000;
    await filler.retry();
    assert.equal(server.asked.length, 2);
});
