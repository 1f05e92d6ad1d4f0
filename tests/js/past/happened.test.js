import assert from "node:assert/strict";
import { test } from "node:test";

import { Happened } from "../../../dashboard/static/avatar_monitoring/past/happened.js";

const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;
const ANSWER = {
    alerts: [{ metric: "cpu_percent", severity: "warning", start: noon - 600, end: noon - 300, message: "High CPU", url: "/alerts/1/" }],
    regions: [{ severity: "warning", start: noon - 600, end: null, count: 3, message: "High CPU" }],
    marks: [{ at: noon - 100, kind: "version", text: "redis-py 6.4.0 → 8.0.1" }, { at: noon - 300, kind: "deploy", text: "release 2" }],
};

function happened({ fails = false } = {}) {
    const known = { asked: [], time: 0, now: noon };
    const ask = async (from, to) => {
        known.asked.push([from - noon, to - noon]);
        if (fails) throw new Error("the server answered 503");
        return ANSWER;
    };
    known.events = new Happened({ ask, now: () => known.now, onTaken: () => {}, steady: () => known.time });
    known.settled = () => new Promise((done) => setImmediate(done));
    return known;
}

test("what the timeline shows is fetched at once, and again after a minute", async () => {
    const known = happened();
    known.events.want(noon - 7200, null, 300);
    await known.settled();
    for (const second of [1, 2, 59]) {
        Object.assign(known, { time: second * 1000, now: noon + second });
        known.events.want(noon - 7200 + second, null, 300);
    }
    assert.deepEqual(known.asked, [[-7200, 0]]);
    Object.assign(known, { time: 61_000, now: noon + 61 });
    known.events.want(noon - 7139, null, 300);
    assert.deepEqual(known.asked[1], [-7139, 61]);
});

test("further back, what is around the moment is fetched by the hour", async () => {
    const known = happened();
    const at = noon - 8 * 3600 + 60;
    known.events.want(noon - 7200, at, 300);
    await known.settled();
    known.events.want(noon - 7200, at + 60, 300);
    assert.deepEqual(known.asked, [[-7200, 0], [-9 * 3600, -7 * 3600]]);
});

test("a failure is told, and tried again after a minute", async () => {
    const known = happened({ fails: true });
    known.events.want(noon - 7200, null, 300);
    await known.settled();
    assert.equal(known.events.problem, "the server answered 503");
    known.events.want(noon - 7200, null, 300);
    assert.equal(known.asked.length, 1);
    known.time = 61_000;
    known.events.want(noon - 7200, null, 300);
    assert.equal(known.asked.length, 2);
});

test("charts show alerts and markers up to the end of what is shown", async () => {
    const known = happened();
    known.events.want(noon - 7200, null, 300);
    await known.settled();
    assert.deepEqual(known.events.spansOf("cpu_percent", noon - 400, []).map(({ end, url }) => [end - noon, url]), [[-400, "/alerts/1/"]]);
    assert.deepEqual(known.events.marksUntil(noon - 200).map(({ text }) => text), ["release 2"]);
});

test("the timeline has regions and markers in order, each with its text and moment", async () => {
    const known = happened();
    known.events.want(noon - 7200, null, 300);
    await known.settled();
    const shown = known.events.onTimeline(noon - 1000, noon).map(({ x, at, text }) => [x, at - noon, text.replace(/\d\d:\d\d:\d\d/, "…")]);
    assert.deepEqual(shown, [
        [0.4, -600, "High CPU, and 2 more · since …"],
        [0.7, -300, "release 2 · …"],
        [0.9, -100, "redis-py 6.4.0 → 8.0.1 · …"],
    ]);
    assert.deepEqual(happened().events.onTimeline(0, noon), []);
});
