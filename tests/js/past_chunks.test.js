import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, PastSeries } from "../../dashboard/static/dashboard/past_series.js";
import { HourFiller } from "../../dashboard/static/dashboard/hour_filler.js";
import { LatestOnly } from "../../dashboard/static/dashboard/latest_only.js";
import { PastChunks, wantedChunks } from "../../dashboard/static/dashboard/past_chunks.js";
import { SeriesBuffer } from "../../dashboard/static/dashboard/series_buffer.js";
import { serverOf } from "./past_answers.js";

const HELD = { from: 6000, to: 13_000 };
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function chunksOf(server, edge = {}) {
    const series = new PastSeries();
    const failures = [];
    const chunks = new PastChunks({ series, columnsOf, fetch: server.ask, onLoaded() {}, onFailed: (error) => failures.push(error.message), ...edge });
    return { series, chunks, failures };
}

test("its own chunk comes first, then the next, then those that the charts look back on", () => {
    assert.deepEqual(wantedChunks(6700, 300, 13_000), [6600, 6000]);
    assert.deepEqual(wantedChunks(7100, 1300, 13_000), [6600, 7200, 6000, 5400]);
    assert.deepEqual(wantedChunks(7100, 60, 7150), [6600]);
});

test("ten minutes are fetched at a time, and none twice", async () => {
    const server = serverOf(HELD);
    const { chunks, series } = chunksOf(server);
    chunks.want(7300, 60, 13_000);
    chunks.want(7301, 60, 13_000);
    await settled();
    chunks.want(7302, 60, 13_000);
    await settled();
    assert.deepEqual(server.asked, [[7200, 7800]]);
    series.at = 7301;
    assert.equal(series.row().cpu, 7301);
    assert.deepEqual([chunks.isLoaded(7799), chunks.isLoaded(7800), chunks.tierOf(7300)], [true, false, "second"]);
});

test("the next ten minutes are there before they are shown", async () => {
    const server = serverOf(HELD);
    const { chunks } = chunksOf(server);
    chunks.want(7600, 60, 13_000);
    await settled();
    assert.deepEqual(server.asked, [[7200, 7800], [7800, 8400]]);
});

test("the newest chunk is fetched again when its end comes near", async () => {
    const server = serverOf(HELD);
    const { chunks } = chunksOf(server);
    chunks.want(7210, 0, 7250);
    await settled();
    chunks.want(7240, 0, 7280);
    await settled();
    assert.equal(server.asked.length, 1);
    chunks.want(7248, 0, 7288);
    await settled();
    assert.deepEqual(server.asked, [[7200, 7251], [7200, 7289]]);
});

test("if the journal begins within a chunk, minutes come before the seconds", async () => {
    const server = serverOf({ from: 6300, to: 13_000 });
    const { chunks, series } = chunksOf(server);
    chunks.want(6400, 0, 13_000);
    await settled();
    assert.deepEqual([chunks.tierOf(6299), chunks.tierOf(6300)], ["minute", "second"]);
    series.at = 6301;
    assert.deepEqual(series.window(121, ["cpu"])[0].slice(0, 5), [6180, 6240, 6300, 6301].slice(0, 5));
});

test("older times come in minutes", async () => {
    const { chunks } = chunksOf(serverOf(HELD));
    chunks.want(1300, 0, 13_000);
    await settled();
    assert.equal(chunks.tierOf(1300), "minute");
});

test("after a failure it waits, and says why", async () => {
    let now = 0;
    const server = { asked: 0, ask: async () => { server.asked += 1; throw new Error("Redis does not answer"); } };
    const { chunks, failures } = chunksOf(server, { now: () => now });
    chunks.want(7300, 60, 13_000);
    await settled();
    chunks.want(7300, 60, 13_000);
    await settled();
    assert.deepEqual([server.asked, failures], [1, ["Redis does not answer"]]);
    now = 2000;
    chunks.want(7300, 60, 13_000);
    await settled();
    assert.equal(server.asked, 2);
});

test("distant chunks are forgotten", async () => {
    const server = serverOf({ from: 0, to: 99_999 });
    const { chunks } = chunksOf(server);
    chunks.want(1200, 0, 90_000);
    await settled();
    chunks.want(60_000, 0, 90_000);
    await settled();
    assert.deepEqual([chunks.isLoaded(1200), chunks.isLoaded(60_000)], [false, true]);
});

const frame = (seq) => ({ seq, epoch: "a", timestamp: seq + 0.4, live: true, system: { cpu_percent: 1, network_sent_mb: 0, network_recv_mb: 0 }, server: { active_connections: 3, p50_latency_ms: null } });

function fillerOf(server, ...frames) {
    const buffer = new SeriesBuffer();
    for (const each of frames) buffer.add(each);
    const clock = { now: 0 };
    return { buffer, clock, filler: new HourFiller({ buffer, ask: server.ask, onDone() {}, now: () => clock.now }) };
}

test("the hour before the first frame is filled in, and frames stay unchanged", async () => {
    const server = serverOf(HELD);
    const { buffer, filler } = fillerOf(server, frame(12_000), frame(12_001));
    await filler.fill(12_000.4);
    assert.deepEqual(server.asked, [[8401, 12_001]]);
    assert.deepEqual(buffer.columns.time.slice(-4), [11_998, 11_999, 12_000.4, 12_001.4]);
    assert.deepEqual(buffer.columns.cpu.slice(-3), [11_999, 1, 1]);
    assert.equal(buffer.columns.cpu.includes(null), false);
    assert.equal(buffer.length, 3600);
});

test("everything in a journal younger than an hour is fetched", async () => {
    const server = serverOf({ from: 11_000, to: 13_000 });
    const { buffer, filler } = fillerOf(server, frame(12_000));
    await filler.fill(12_000.4);
    assert.deepEqual(server.asked.at(-1), [11_000, 12_001]);
    assert.equal(buffer.columns.time[0], 11_000);
});

test("after a break only the gap is fetched, and nothing without one", async () => {
    const server = serverOf(HELD);
    const { buffer, filler } = fillerOf(server, frame(12_000), frame(12_030));
    await filler.fill(12_030.4);
    assert.deepEqual(server.asked, [[12_000, 12_031]]);
    assert.equal(buffer.columns.cpu.includes(null), false);
    await filler.fill(12_030.4);
    assert.equal(server.asked.length, 1);
});

test("if the past is unavailable it says so quietly and tries again after half a minute", async () => {
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
    assert.match(filler.missing, /holds nothing/);
    assert.equal(buffer.length, 1);
    clock.now = 2000;
    await filler.retry();
    assert.equal(server.asked.length, 2);
});

test("of several simultaneous questions the first and the last are asked", async () => {
    const asked = [];
    const answers = [];
    const latest = new LatestOnly({ ask: async (question) => (asked.push(question), question), onAnswer: (answer) => answers.push(answer), onFailed() {} });
    for (const question of [1, 2, 3]) latest.want(question);
    await settled();
    assert.deepEqual([asked, answers], [[1, 3], [1, 3]]);
});

test("an outdated answer is ignored", async () => {
    const answers = [];
    const latest = new LatestOnly({ ask: async (question) => question, onAnswer: (answer) => answers.push(answer), onFailed() {} });
    latest.want(1);
    latest.forget();
    await settled();
    latest.want(2);
    await settled();
    assert.deepEqual(answers, [2]);
});

test("a failed question does not block the next", async () => {
    const told = [];
    const latest = new LatestOnly({
        ask: async (question) => { if (question === 1) throw new Error("no"); return question; },
        onAnswer: (answer) => told.push(answer),
        onFailed: (error, question) => told.push(`${error.message} ${question}`),
    });
    latest.want(1);
    latest.want(2);
    await settled();
    assert.deepEqual(told, ["no 1", 2]);
});
