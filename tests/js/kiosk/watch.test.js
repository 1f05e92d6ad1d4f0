import assert from "node:assert/strict";
import { test } from "node:test";

import { answers, SAYINGS, ScreenWatch } from "../../../dashboard/static/avatar_monitoring/kiosk/watch.js";

const MINUTE = 60_000;

/** A screen whose server answers with `answer`, and whose pages can be shown while `isThere`. */
function screen({ answer = { status: 200, release: "a" }, isThere = true, isLive = true, config = {}, lastReload } = {}) {
    const seen = { answer, isThere, isLive, went: [], said: [], waits: [], now: 1_000_000 };
    const watch = new ScreenWatch({
        config: { release: "a", rotate: null, next_url: null, ...config },
        ask: async () => seen.answer,
        probe: async () => seen.isThere,
        go: (url) => seen.went.push(url),
        isLive: () => seen.isLive,
        onSay: (saying) => seen.said.push(saying),
        now: () => seen.now,
        setTimer: (call, ms) => seen.waits.push(ms),
        ...(lastReload === undefined ? {} : { lastReload: () => lastReload }),
    });
    return Object.assign(seen, { watch });
}

test("a page that is well stays", async () => {
    const { watch, went, said } = screen();
    await watch.look();
    assert.deepEqual([went, said], [[], [SAYINGS.fine]]);
});

test("a page of an older release is loaded again, and not again within ten minutes", async () => {
    const other = { status: 200, release: "b" };
    const first = screen({ answer: other });
    await first.watch.look();
    assert.deepEqual(first.went, [null]);
    const again = screen({ answer: other, lastReload: 1_000_000 - 9 * MINUTE });
    await again.watch.look();
    assert.deepEqual(again.went, []);
});

for (const answer of [null, { status: 502 }, { status: 503 }]) {
    test(`while the server answers ${answer?.status ?? "nothing"} the page says so and stays`, async () => {
        const seen = screen({ answer });
        await seen.watch.look();
        assert.deepEqual([seen.went, seen.said], [[], [SAYINGS.away]]);
        assert.equal(seen.waits.length, 1);
    });
}

for (const status of [401, 403]) {
    test(`after ${status} the page says so, and is loaded again as soon as it may be`, async () => {
        const seen = screen({ answer: { status } });
        await seen.watch.look();
        assert.deepEqual([seen.went, seen.said], [[], [SAYINGS.barred]]);
        seen.answer = { status: 200, release: "a" };
        await seen.watch.look();
        assert.deepEqual(seen.went, [null]);
    });
}

test("a page whose connection ended for good is loaded again after a minute", async () => {
    const seen = screen({ isLive: false });
    seen.now += MINUTE - 1;
    await seen.watch.look();
    assert.deepEqual(seen.went, []);
    seen.now += 1;
    await seen.watch.look();
    assert.deepEqual(seen.went, [null]);
});

test("a page is loaded again once a day", async () => {
    const seen = screen();
    seen.now += 24 * 60 * MINUTE;
    await seen.watch.look();
    assert.deepEqual(seen.went, [null]);
});

test("no page is left for one that does not answer", async () => {
    const seen = screen({ isThere: false, config: { rotate: 30, next_url: "/alerts/" } });
    await seen.watch.turn();
    assert.deepEqual(seen.went, []);
    seen.isThere = true;
    await seen.watch.turn();
    await seen.watch.turn();
    assert.deepEqual(seen.went, ["/alerts/"]);
});

test("pages follow each other only where the address says so", () => {
    const still = screen();
    still.watch.start();
    assert.equal(still.waits.length, 1);
    const turning = screen({ config: { rotate: 30, next_url: "/alerts/" } });
    turning.watch.start();
    assert.ok(turning.waits.includes(30_000));
});

test("a sign-in page and an error are no page to go to", async () => {
    const of = (answer) => answers("/", async () => answer);
    assert.equal(await of({ status: 200 }), true);
    assert.equal(await of({ status: 0, type: "opaqueredirect" }), false);
    assert.equal(await of({ status: 503 }), false);
    assert.equal(await answers("/", async () => { throw new TypeError("away"); }), false);
});
