import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeNode, withPage } from "../fake_page.js";
import { TimelineMarks } from "../../../dashboard/static/avatar_monitoring/past/timeline_marks.js";

const alert = (at, x, width = 0.1) => ({ at, x, width, severity: "warning", text: `CPU ${at}` });
const deploy = (at, x) => ({ at, x, width: 0, kind: "deploy", text: `4.${at}` });

function marksIn(t) {
    withPage(t);
    const root = new FakeNode();
    return { root, marks: new TimelineMarks(root, (at) => `?at=${at}`) };
}

const attributesOf = (node, ...names) => names.map((name) => node.getAttribute(name));

test("each alert and marker is a link to its moment, at its share of the range", (t) => {
    const { root, marks } = marksIn(t);
    marks.show([alert(10, 0.2), deploy(30, 1)]);
    const [first, second] = root.children;
    assert.deepEqual(attributesOf(first, "href", "aria-label", "data-severity", "tabindex"), ["?at=10", "CPU 10", "warning", "-1"]);
    assert.deepEqual([first.style.left, first.style.width], ["20%", "10%"]);
    assert.deepEqual(attributesOf(second, "href", "data-kind", "tabindex"), ["?at=30", "deploy", "0"]);
    assert.deepEqual([second.style.left, second.style.width], ["99.6%", "0.4%"]);
});

test("time moves the links, and replaces none", (t) => {
    const { root, marks } = marksIn(t);
    marks.show([alert(10, 0.2), alert(20, 0.5)]);
    const before = [...root.children];
    root.replaceChildren = () => assert.fail("made again");
    marks.show([alert(10, 0.19), alert(20, 0.49)]);
    assert.deepEqual(root.children, before);
    assert.deepEqual(before.map(({ style }) => style.left), ["19%", "49%"]);
});

test("a link stays where it is while the eye would not see it move", (t) => {
    const { root, marks } = marksIn(t);
    marks.show([alert(10, 0.2)]);
    root.children[0].style = new Proxy({}, { set: () => assert.fail("moved") });
    marks.show([alert(10, 0.2001)]);
});

test("when one comes and one goes, the others are the same links, and keep the focus and their place for Tab", (t) => {
    const { root, marks } = marksIn(t);
    marks.show([alert(10, 0), alert(20, 0.4), alert(30, 0.8)]);
    const [, kept, last] = root.children;
    last.setAttribute("tabindex", "-1");
    kept.setAttribute("tabindex", "0");
    document.activeElement = kept;
    let focused = 0;
    kept.focus = () => { focused += 1; };
    marks.show([alert(20, 0.3), alert(30, 0.7), alert(40, 0.9)]);
    assert.deepEqual(root.children.slice(0, 2), [kept, last]);
    assert.deepEqual(root.children.map((node) => node.getAttribute("tabindex")), ["0", "-1", "-1"]);
    assert.equal(focused, 1);
});

test("another text is another link; without any, nothing is shown", (t) => {
    const { root, marks } = marksIn(t);
    marks.show([deploy(30, 0.5)]);
    marks.show([{ ...deploy(30, 0.5), text: "4.30 · 14:00" }]);
    assert.deepEqual(root.children.map((node) => node.getAttribute("aria-label")), ["4.30 · 14:00"]);
    marks.show([deploy(30, 0.5), deploy(30, 0.5)]);
    assert.equal(new Set(root.children).size, 2);
    marks.show([]);
    assert.equal(root.hidden, true);
});
