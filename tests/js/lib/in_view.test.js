import assert from "node:assert/strict";
import { test } from "node:test";

import { InView } from "../../../dashboard/static/avatar_monitoring/lib/in_view.js";

/** `{clock, later, drawn, chart, draw(text), move(isIntersecting), print()}` with one chart that the view follows; `first` was drawn. */
function followed(how, first = "0 s") {
    const later = [];
    const clock = { now: 1_000 };
    const page = new EventTarget();
    const chart = new EventTarget();
    let tell;
    class Observer {
        constructor(heard) {
            tell = heard;
        }
        observe(node) {
            assert.equal(node, chart);
        }
    }
    const view = new InView({ Observer, page, now: () => clock.now, later: (draw) => later.push(draw) });
    view.follow(chart, how);
    const drawn = [];
    const draw = (text, isUrgent) => view.draw(chart, () => drawn.push(text), isUrgent);
    const keep = (text) => view.keep(chart, () => drawn.push(text));
    if (first !== null) draw(first, true);
    drawn.length = 0;
    return {
        clock,
        later,
        drawn,
        chart,
        draw,
        keep,
        move: (isIntersecting) => tell([{ target: chart, isIntersecting }]),
        print: () => page.dispatchEvent(new Event("beforeprint")),
    };
}

test("the first drawing is made in a task of its own, wherever it is, as it is then", () => {
    const { later, drawn, draw, move } = followed({}, null);
    move(true);
    draw("1 s");
    draw("2 s");
    assert.deepEqual(drawn, []);
    for (const run of later) run();
    assert.deepEqual(drawn, ["2 s"]);
    draw("3 s");
    assert.deepEqual(drawn, ["2 s", "3 s"]);
});

test("what is seen is drawn at once", () => {
    const { drawn, draw, move } = followed();
    move(true);
    draw("1 s");
    draw("2 s");
    assert.deepEqual(drawn, ["1 s", "2 s"]);
});

test("what is off the screen is drawn once when it comes into view, as it is then", () => {
    const { drawn, draw, move } = followed();
    draw("1 s");
    move(false);
    for (const text of ["2 s", "3 s"]) draw(text);
    assert.deepEqual(drawn, []);
    move(true);
    assert.deepEqual(drawn, ["3 s"]);
});

test("coming into view again draws nothing that is drawn already", () => {
    const { drawn, draw, move } = followed();
    move(true);
    draw("1 s");
    for (const isIntersecting of [false, true]) move(isIntersecting);
    assert.deepEqual(drawn, ["1 s"]);
});

test("paper shows all, each part as it is now", () => {
    const { drawn, draw, move, print } = followed();
    move(false);
    draw("1 s");
    print();
    print();
    assert.deepEqual(drawn, ["1 s"]);
    draw("2 s");
    assert.deepEqual(drawn, ["1 s"]);
});

test("what has the focus is as new as the rest of the page, before the browser has scrolled", () => {
    const { drawn, chart, draw, move } = followed();
    move(false);
    draw("1 s");
    chart.dispatchEvent(new Event("focusin"));
    assert.deepEqual(drawn, ["1 s"]);
});

test("what can be searched for is drawn after a while also off the screen", () => {
    const { clock, drawn, draw, move } = followed({ atLeastEvery: 10_000 });
    move(false);
    for (let second = 1; second <= 21; second += 1) {
        clock.now += 1_000;
        draw(`${second} s`);
    }
    assert.deepEqual(drawn, ["10 s", "20 s"]);
    move(true);
    assert.deepEqual(drawn.slice(2), ["21 s"]);
});

test("what is urgent is drawn at once, and nothing older after it", () => {
    const { drawn, draw, move } = followed();
    draw("present");
    draw("past", true);
    move(true);
    assert.deepEqual(drawn, ["past"]);
});

test("what needs no new drawing is drawn as it is then when it comes into view, has the focus or goes to paper", () => {
    const { drawn, chart, keep, move, print } = followed();
    move(true);
    keep("1 s");
    assert.deepEqual(drawn, []);
    chart.dispatchEvent(new Event("focusin"));
    keep("2 s");
    print();
    move(false);
    keep("3 s");
    move(true);
    assert.deepEqual(drawn, ["1 s", "2 s", "3 s"]);
});
