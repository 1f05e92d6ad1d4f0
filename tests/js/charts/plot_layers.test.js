import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.matchMedia = () => ({ addEventListener() {}, matches: false });
const probe = { style: {}, remove() {} };
globalThis.document = { createElement: () => probe, body: { append() {} }, documentElement: { dataset: {} } };
globalThis.getComputedStyle = () => ({ color: "rgb(1, 2, 3)" });
globalThis.devicePixelRatio = 1;
const { drawBand, drawSpans, drawThreshold, joinPlainly, limitText } = await import("../../../dashboard/static/avatar_monitoring/charts/plot_layers.js");

/** A chart of 100 by 100 pixels that shows values from 0 to `max`, and the seconds 0 to 100; `drawn` is what was drawn on it. */
function plotUpTo(max) {
    const drawn = [];
    const measureText = (text) => ({ width: 5 * text.length });
    const ctx = new Proxy({}, { get: (_, name) => (name === "measureText" ? measureText : (...args) => drawn.push([name, ...args])), set: () => true });
    const valToPos = (value, scale) => (scale === "x" ? value : 100 - (value / max) * 100);
    return { drawn, ctx, bbox: { left: 0, top: 0, width: 100, height: 100 }, scales: { y: { max } }, valToPos };
}

const calls = ({ drawn }, name) => drawn.filter(([called]) => called === name).map(([, ...args]) => args);

test("what lies above the limit is shaded, unless it is above the shown range", () => {
    const [low, high] = [plotUpTo(100), plotUpTo(50)];
    for (const plot of [low, high]) drawBand(plot, 80);
    assert.deepEqual([calls(low, "fillRect"), calls(high, "fillRect")], [[[0, 0, 100, 20]], []]);
});

test("the limit is a dashed line with its text, or an arrow at the top if it is above the shown range", () => {
    const [low, high] = [plotUpTo(100), plotUpTo(50)];
    for (const plot of [low, high]) drawThreshold(plot, 80, "limit 80 %", "11px sans");
    assert.deepEqual([calls(low, "setLineDash")[0], calls(low, "moveTo"), calls(low, "lineTo")], [[[4, 4]], [[0, 20]], [[100, 20]]]);
    assert.deepEqual([calls(low, "fillText")[0][0], calls(high, "fillText")[0][0], calls(high, "lineTo")], ["limit 80 %", "limit 80 % ↑", []]);
});

test("a text that does not fit between the axis and the edge gives way to a shorter one", () => {
    const [low, high] = [plotUpTo(100), plotUpTo(50)];
    const whole = "limit 80 % for 10 s, ends at 76 % after 5 s";
    for (const plot of [low, high]) drawThreshold(plot, 80, whole, "11px sans", { shorter: "limit 80 %" });
    assert.deepEqual([calls(low, "fillText")[0][0], calls(high, "fillText")[0][0]], ["limit 80 %", "limit 80 % ↑"]);
    low.drawn.length = 0;
    low.bbox.width = 300;
    drawThreshold(low, 80, whole, "11px sans", { shorter: "limit 80 %" });
    assert.equal(calls(low, "fillText")[0][0], whole);
});

test("an alert's time is shaded, with a line at its start", () => {
    const plot = plotUpTo(100);
    drawSpans(plot, [{ start: 20, end: 60 }]);
    assert.deepEqual(calls(plot, "fillRect"), [[20, 0, 40, 100], [20, 0, 1, 100]]);
});

const percent = (value) => `${value.toFixed(1)} %`;

test("a limit has the name that it is given, else the word for it in the reader's language", () => {
    assert.equal(limitText("exit", 76, percent), "exit 76 %");
    assert.equal(limitText("", undefined, percent), "");
    assert.equal(limitText("", 80, percent), "limit 80 %");
    globalThis.django = { gettext: (text) => text.replace("limit", "임계값") };
    assert.equal(limitText("", 80, percent), "임계값 80 %");
    delete globalThis.django;
});

test("lines have no round corners, whatever was asked for when the canvas got its size", () => {
    const ctx = { lineJoin: "round" };
    joinPlainly({ ctx });
    assert.equal(ctx.lineJoin, "bevel");
});
