import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { DEFLATE, inflate, readableProtocols, TextsInOrder } from "../../dashboard/static/dashboard/inflate.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("compression is offered where the browser can undo it", () => {
    assert.deepEqual(readableProtocols(class {}), [DEFLATE]);
    assert.deepEqual(readableProtocols(null), []);
    assert.deepEqual(readableProtocols(class { constructor() { throw new TypeError("unknown format"); } }), []);
});

test("the server's zlib becomes text again", async () => {
    const text = JSON.stringify({ name: "아바타", rows: Array(500).fill("row") });
    assert.equal(await inflate(deflateSync(text)), text);
});

test("plain texts are handed on at once", () => {
    const heard = [];
    new TextsInOrder((text) => heard.push(text)).take("a");
    assert.deepEqual(heard, ["a"]);
});

test("order is kept, whatever takes longer", async () => {
    const heard = [];
    const release = {};
    const texts = new TextsInOrder((text) => heard.push(text), (key) => new Promise((resolve) => { release[key] = () => resolve(`${key[0]}!`); }));
    for (const data of [["a"], ["b"], "c"]) texts.take(data);
    release.b();
    await settled();
    assert.deepEqual(heard, []);
    release.a();
    await settled();
    texts.take("d");
    assert.deepEqual(heard, ["a!", "b!", "c", "d"]);
});

test("a message that cannot be decompressed is passed over", async (t) => {
    t.mock.method(console, "warn", () => {});
    const heard = [];
    const texts = new TextsInOrder((text) => heard.push(text));
    texts.take(new Uint8Array([1, 2, 3]));
    texts.take(deflateSync("next"));
    while (heard.length === 0) await settled();
    assert.deepEqual(heard, ["next"]);
    assert.equal(console.warn.mock.callCount(), 1);
});
