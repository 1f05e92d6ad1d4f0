import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, PastSeries } from "../../../dashboard/static/avatar_monitoring/past/series.js";
import { PastChunks, wantedChunks } from "../../../dashboard/static/avatar_monitoring/past/chunks.js";
import { serverOf } from "./answers.js";

const HELD = { from: 6000, to: 13_000 };
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function chunksOf(server, edge = {}) {
    const series = new PastSeries();
    const failures = [];
    const chunks = new PastChunks({ series, columnsOf, fetch: server.ask, onLoaded() {}, onFailed: (error) => failures.push(error.message), ...edge });
    return { series, chunks, failures };
}

test("the shown second's own chunk comes first, then the next one, then those of the charts", () => {
    assert.deepEqual(wantedChunks(6700, 300, 13_000), [6600, 6000]);
    assert.deepEqual(wantedChunks(7100, 1300, 13_000), [6600, 7200, 6000, 5400]);
    assert.deepEqual(wantedChunks(7100, 60, 7150), [6600]);
});

test("ten minutes are fetched at a time and never twice", async () => {
    const server = serverOf(HELD);
    const { chunks, series } = chunksOf(server);
    chunks.want(7300, 60, 13_000);
    chunks.want(7301, 60, 13_000);
    await settled();
    chunks.want(7302, 60, 13_000);
    await settled();
    assert.deepEqual(server.asked, [[7200, 7800]]);
    series.at = 7301;
    assert.equal(series.row().cpu_percent, 7301);
    assert.deepEqual([chunks.isLoaded(7799), chunks.isLoaded(7800), chunks.tierOf(7300)], [true, false, "second"]);
});

test("the next ten minutes are loaded before they are shown", async () => {
    const server = serverOf(HELD);
    const { chunks } = chunksOf(server);
    chunks.want(7600, 60, 13_000);
    await settled();
    assert.deepEqual(server.asked, [[7200, 7800], [7800, 8400]]);
});

test("the newest chunk is fetched again near its end", async () => {
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
    assert.deepEqual(series.window(121, ["cpu_percent"])[0].slice(0, 5), [6180, 6240, 6300, 6301].slice(0, 5));
});

test("older times come in minutes", async () => {
    const { chunks } = chunksOf(serverOf(HELD));
    chunks.want(1300, 0, 13_000);
    await settled();
    assert.equal(chunks.tierOf(1300), "minute");
});

test("after a failure it waits and says why", async () => {
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

test("chunks that are far away are dropped", async () => {
    const server = serverOf({ from: 0, to: 99_999 });
    const { chunks } = chunksOf(server);
    chunks.want(1200, 0, 90_000);
    await settled();
    chunks.want(60_000, 0, 90_000);
    await settled();
    assert.deepEqual([chunks.isLoaded(1200), chunks.isLoaded(60_000)], [false, true]);
});
