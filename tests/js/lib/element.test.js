import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeNode } from "../fake_page.js";
import { setText } from "../../../dashboard/static/avatar_monitoring/lib/element.js";

test("another text is written into the text node that is there", () => {
    const node = new FakeNode();
    setText(node, "1 s");
    const own = node.firstChild;
    setText(node, "2 s");
    assert.equal(node.firstChild, own);
    assert.equal(node.textContent, "2 s");
});

test("the same text changes nothing", () => {
    const node = new FakeNode();
    setText(node, "1 s");
    Object.defineProperty(node.firstChild, "data", { get: () => "1 s", set: () => assert.fail("written again") });
    setText(node, "1 s");
});

test("a text takes the place of all that was there", () => {
    const node = new FakeNode();
    node.append("in ", new FakeNode("b"));
    setText(node, "all");
    assert.deepEqual(node.childNodes.map(({ data }) => data), ["all"]);
});

test("no text leaves no text node, so that what is empty matches :empty", () => {
    const node = new FakeNode();
    setText(node, "paused");
    setText(node, "");
    assert.equal(node.firstChild, null);
});
