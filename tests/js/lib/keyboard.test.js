import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { onKey, startKeyboard } from "../../../dashboard/static/avatar_monitoring/lib/keyboard.js";

/** What the scripts need of a page: an element that is typed into or not, and dialogs that are open or not. */
class Element {
    constructor(matches = "") {
        this.matches = matches;
    }

    closest(selector) {
        return this.matches && selector.includes(this.matches) ? this : null;
    }
}

let listeners;
let clock;
let dialog;
const did = [];

globalThis.Element = Element;
globalThis.document = { body: new Element(), querySelector: () => dialog };
onKey("g c", () => did.push("clients"));
onKey("g l", () => did.push("live"));
onKey("l", () => did.push("back to live"));
onKey("f", () => did.push("full screen"));

beforeEach(() => {
    listeners = {};
    clock = 0;
    dialog = null;
    did.length = 0;
    startKeyboard({ addEventListener: (name, listener) => { listeners[name] = listener; } }, () => clock);
});

function press(key, { on = new Element(), ...more } = {}) {
    const event = { key, target: on, preventDefault() { this.defaultPrevented = true; }, ...more };
    listeners.keydown(event);
    return event;
}

test("two keys one after the other are one shortcut", () => {
    press("g");
    assert.equal(press("c").defaultPrevented, true);
    assert.deepEqual(did, ["clients"]);
});

test("the second key is not taken for itself", () => {
    press("g");
    press("l");
    press("l");
    assert.deepEqual(did, ["live", "back to live"]);
});

test("the second key has to follow soon", () => {
    press("g");
    clock = 1_501;
    press("c");
    assert.deepEqual(did, []);
});

test("another key in between ends it, and Shift does not", () => {
    press("g");
    press("x");
    press("c");
    assert.deepEqual(did, []);
    press("g");
    press("Shift");
    press("c");
    assert.deepEqual(did, ["clients"]);
});

test("the first key alone keeps its usual effect", () => {
    assert.equal(press("g").defaultPrevented, undefined);
});

for (const [name, options] of [["while somebody types", { on: new Element("input") }], ["with Ctrl", { ctrlKey: true }], ["with Alt", { altKey: true }], ["with Cmd", { metaKey: true }]]) {
    test(`nothing happens ${name}`, () => {
        press("g", options);
        press("c", options);
        press("f", options);
        assert.deepEqual(did, []);
    });
}

test("nothing happens while a dialog is open", () => {
    dialog = new Element();
    press("g");
    press("c");
    press("f");
    assert.deepEqual(did, []);
});

test("a pair that begins on the page does not end in a field", () => {
    press("g");
    press("c", { on: new Element("input") });
    assert.deepEqual(did, []);
});
