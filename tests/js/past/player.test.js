import assert from "node:assert/strict";
import { test } from "node:test";

import { Player } from "../../../dashboard/static/avatar_monitoring/past/player.js";

/** A player whose clock and timers a test moves on; 1000 is the newest second. */
function started({ isLoaded = () => true } = {}) {
    const clock = { ms: 0, newest: 1000, timers: new Map(), changes: [] };
    let id = 0;
    const player = new Player({
        newest: () => clock.newest,
        isLoaded: (second) => isLoaded(second),
        onChange: ({ at }, cause) => clock.changes.push(`${cause} ${at}`),
        now: () => clock.ms,
        setTimer: (call, ms) => (clock.timers.set(++id, { call, at: clock.ms + ms }), id),
        clearTimer: (timer) => clock.timers.delete(timer),
    });
    const run = (ms) => {
        const end = clock.ms + ms;
        for (;;) {
            const [due] = [...clock.timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
            if (!due) break;
            clock.timers.delete(due[0]);
            clock.ms = due[1].at;
            due[1].call();
        }
        clock.ms = end;
    };
    return { player, clock, run };
}

for (const [speed, reached] of [[1, 120], [2, 140], [5, 200], [10, 300], [30, 700], [60, 1000]]) {
    test(`${speed}× plays ${speed} seconds per second`, () => {
        const { player, run } = started();
        player.goTo(100);
        player.setSpeed(speed);
        player.play();
        run(20_000);
        assert.equal(player.at, reached);
    });
}

test("it starts live, and a step forward does nothing then", () => {
    const { player, clock } = started();
    player.step(1);
    player.toggle();
    player.backToLive();
    assert.deepEqual([player.isLive, player.isPlaying, clock.changes], [true, false, []]);
});

test("a step back from the live page counts from the newest second", () => {
    const { player, clock } = started();
    player.step(-10);
    player.step(1);
    assert.deepEqual([player.isLive, player.at, clock.changes], [false, 991, ["jump 990", "jump 991"]]);
});

test("it never goes beyond the newest second", () => {
    const { player } = started();
    player.goTo(2000);
    assert.equal(player.at, 1000);
    player.goTo(17.9);
    assert.equal(player.at, 17);
});

test("playing shows one second after the other", () => {
    const { player, run } = started();
    player.goTo(100);
    player.play();
    run(3000);
    assert.equal(player.at, 103);
});

test("it draws ten times a second at most", () => {
    const { player, clock, run } = started();
    player.goTo(100);
    player.setSpeed(60);
    player.play();
    clock.changes = [];
    run(1000);
    assert.equal(clock.changes.length, 10);
});

test("late timers lose no time", () => {
    const { player, clock } = started();
    player.goTo(100);
    player.play();
    clock.ms = 7400;
    [...clock.timers.values()][0].call();
    assert.equal(player.at, 107);
});

test("a new speed continues from the shown second", () => {
    const { player, run } = started();
    player.goTo(100);
    player.play();
    run(10_000);
    player.setSpeed(10);
    run(1000);
    assert.equal(player.at, 120);
});

test("it stops at the newest second and says that it has ended", () => {
    const { player, clock, run } = started();
    player.goTo(998);
    player.play();
    run(5000);
    assert.deepEqual([player.at, player.isPlaying, player.hasEnded, clock.timers.size], [1000, false, true, 0]);
    player.step(-1);
    assert.equal(player.hasEnded, false);
});

test("the newest second moves on while it plays", () => {
    const { player, clock, run } = started();
    player.goTo(998);
    player.play();
    clock.newest = 1010;
    run(5000);
    assert.deepEqual([player.at, player.isPlaying], [1003, true]);
});

test("it waits for data that is not loaded yet, then continues", () => {
    let loaded = 102;
    const { player, run } = started({ isLoaded: (second) => second <= loaded });
    player.goTo(100);
    player.play();
    run(6000);
    assert.deepEqual([player.at, player.isWaiting, player.isPlaying], [102, true, true]);
    loaded = 200;
    run(2000);
    assert.deepEqual([player.at, player.isWaiting], [104, false]);
});

test("a hidden tab stops playing", () => {
    const { player, run } = started();
    player.goTo(100);
    player.play();
    run(2000);
    player.setHidden(true);
    run(60_000);
    assert.equal(player.at, 102);
    player.setHidden(false);
    run(1000);
    assert.equal(player.at, 103);
});

test("a pause stops, and playing continues without leaving anything out", () => {
    const { player, run } = started();
    player.goTo(100);
    player.toggle();
    run(2000);
    player.toggle();
    run(9000);
    player.toggle();
    run(1000);
    assert.equal(player.at, 103);
});

test("after a jump, playing continues from there", () => {
    const { player, run } = started();
    player.goTo(100);
    player.play();
    run(2000);
    player.goTo(500);
    run(1000);
    assert.deepEqual([player.at, player.isPlaying], [501, true]);
});

test("going back to live ends playing", () => {
    const { player, clock, run } = started();
    player.goTo(100);
    player.play();
    player.backToLive();
    run(5000);
    assert.deepEqual([player.isLive, player.isPlaying, clock.changes.at(-1)], [true, false, "jump null"]);
});
