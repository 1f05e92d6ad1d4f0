import assert from "node:assert/strict";
import { test } from "node:test";

import { InView } from "../../../dashboard/static/avatar_monitoring/lib/in_view.js";

/** `{view, drawn, chart, draw(text), move(isIntersecting), print()}` with one chart that the view follows. */
function followed() {
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
    const view = new InView({ Observer, page });
    view.follow(chart);
    const drawn = [];
    return {
        drawn,
        chart,
        draw: (text) => view.draw(chart, () => drawn.push(text)),
        move: (isIntersecting) => tell([{ target: chart, isIntersecting }]),
        print: () => page.dispatchEvent(new Event("beforeprint")),
    };
}

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
