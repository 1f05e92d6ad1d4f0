import assert from "node:assert/strict";
import { test } from "node:test";

import { peakOf, peakOfBars } from "../../../dashboard/static/avatar_monitoring/charts/peak.js";

const KB = 1024;
const MB = 1024 * KB;
const times = (length) => Array.from({ length }, (_, second) => second);
const steady = (length, value) => times(length).map((second) => value + (second % 7) * (value / 20));
const withSpike = (values, ...spikes) => values.map((value, row) => spikes.find(([at]) => at === row)?.[1] ?? value);

test("one second of 77 MB/s does not flatten the network chart of any range", () => {
    for (const length of [60, 300, 900, 3600]) {
        const peak = peakOf([times(length), withSpike(steady(length, 40 * KB), [17, 77 * MB]), steady(length, 25 * KB)]);
        assert.deepEqual([peak.value, peak.column, peak.row], [77 * MB, 1, 17]);
        assert.ok(peak.top > 50 * KB && peak.top < 80 * KB, `${peak.top}`);
    }
});

test("a burst that is spread over two seconds is one too", () => {
    assert.ok(peakOf([times(60), withSpike(steady(60, 40 * KB), [17, 40 * MB], [18, 37 * MB])]));
});

test("what lasts is shown whole, and so is what is only a few times as high", () => {
    const [low, high] = [steady(60, 10), steady(60, 1000)];
    assert.equal(peakOf([times(60), low.map((value, row) => (row < 10 ? high[row] : value))]), null);
    assert.equal(peakOf([times(60), withSpike(steady(60, 10), [5, 40])]), null);
});

test("a series that is always low is not what others are measured by", () => {
    assert.equal(peakOf([times(60), steady(60, 10), steady(60, 10_000)]), null);
    assert.ok(peakOf([times(60), steady(60, 10_000), withSpike(steady(60, 0), [30, 10_000_000])]).top < 20_000);
});

test("where nearly all is zero, and in a few values, nothing is cut off", () => {
    assert.equal(peakOf([times(60), withSpike(steady(60, 0), [30, 100])]), null);
    assert.equal(peakOf([times(3), [1, 1, 900]]), null);
    assert.equal(peakOf([[], []]), null);
    assert.equal(peakOf([times(2), [null, null]]), null);
});

test("unknown values and values below zero do not count as high ones", () => {
    assert.ok(peakOf([times(60), withSpike(steady(60, 10), [3, null], [4, 9000])]));
    assert.equal(peakOf([times(60), steady(60, -10)]), null);
});

test("a restart is whole in the bars of departures: a spike is what a reader looks for there", () => {
    const quiet = times(120).map((row) => row % 3);
    assert.equal(peakOfBars([times(120), withSpike(quiet, [50, 12])]), null);
    assert.equal(peakOfBars([times(120), withSpike(quiet, [50, 40])]), null);
});

test("a bar is cut off only if the usual ones could not be seen beside it, and all others are whole", () => {
    const bars = withSpike(times(120).map((row) => row % 3), [20, 30], [50, 412]);
    const peak = peakOfBars([times(120), bars, times(120).map(() => 0)]);
    assert.deepEqual([peak.value, peak.column, peak.row], [412, 1, 50]);
    assert.ok(peak.top > 30 && peak.top < 412, `${peak.top}`);
});

test("where high bars are many, few or all that there are, nothing is cut off", () => {
    assert.equal(peakOfBars([times(40), times(40).map((row) => (row % 10 === 0 ? 500 : 1))]), null);
    assert.equal(peakOfBars([times(120), withSpike(times(120).map(() => 0), [50, 500])]), null);
    assert.equal(peakOfBars([times(3), [0, 0, null]]), null);
    assert.equal(peakOfBars([[], []]), null);
});
