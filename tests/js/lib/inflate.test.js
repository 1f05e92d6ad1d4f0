import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { CHAINED, DEFLATE, inflate, readableProtocols, TextsInOrder } from "../../../dashboard/static/avatar_monitoring/lib/inflate.js";

const bytesOf = (text) => new TextEncoder().encode(text);
const textOf = (bytes) => new TextDecoder().decode(bytes);
const never = (error) => assert.fail(error);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("compression is offered if the browser can undo it", () => {
    assert.deepEqual(readableProtocols(), [CHAINED, DEFLATE]);
    assert.deepEqual(readableProtocols(class { constructor(format) { if (format !== "deflate") throw new TypeError("unknown format"); } }), [DEFLATE]);
    assert.deepEqual(readableProtocols(null), []);
    assert.deepEqual(readableProtocols(class { constructor() { throw new TypeError("unknown format"); } }), []);
});

test("the server's zlib becomes text again", async () => {
    const text = JSON.stringify({ name: "아바타", rows: Array(500).fill("row") });
    assert.equal(textOf(await inflate(deflateSync(text))), text);
});

test("messages are not handed to another process of the browser, as a Blob is", async (t) => {
    const { Blob } = globalThis;
    globalThis.Blob = class { constructor() { assert.fail("made a Blob"); } };
    t.after(() => { globalThis.Blob = Blob; });
    assert.equal(textOf(await inflate(deflateSync("a"))), "a");
});

test("a message that is cut off is refused", async () => {
    await assert.rejects(inflate(deflateSync("a longer text than that").subarray(0, 12)));
    await assert.rejects(inflate(bytesOf("no zlib at all")));
});

test("a message refers to the one before", async () => {
    const before = bytesOf(JSON.stringify({ rows: Array.from({ length: 900 }, (_, index) => `row ${index * 7919}`) }));
    const text = new TextDecoder().decode(before).replace("row 0", "아바타");
    const chained = deflateSync(text, { dictionary: before });
    assert.ok(chained.length < deflateSync(text).length / 10);
    assert.equal(textOf(await inflate(chained, before)), text);
});

test("only the last 32 KiB of a message serve as dictionary, as far as deflate reaches", async () => {
    const before = bytesOf(Array.from({ length: 20_000 }, (_, index) => index).join());
    assert.ok(before.length > 65_536);
    assert.equal(textOf(await inflate(deflateSync("19997,19998,19999", { dictionary: before.subarray(-32_768) }), before)), "19997,19998,19999");
});

test("a message that refers to any message but the last is refused", async () => {
    await assert.rejects(inflate(deflateSync("b", { dictionary: bytesOf("a") }), bytesOf("c")), /never arrived/);
    await assert.rejects(inflate(deflateSync("b", { dictionary: bytesOf("a") })), /never arrived/);
});

test("plain texts are passed on at once", () => {
    const heard = [];
    new TextsInOrder((text) => heard.push(text), never).take("a");
    assert.deepEqual(heard, ["a"]);
});

test("the order is kept, whichever message takes longer", async () => {
    const heard = [];
    let release;
    const texts = new TextsInOrder((text) => heard.push(text), never, (data) => new Promise((resolve) => { release = () => resolve(data); }));
    for (const data of [bytesOf("a!"), bytesOf("b!"), "c"]) texts.take(data);
    await settled();
    assert.deepEqual(heard, []);
    release();
    await settled();
    assert.deepEqual(heard, ["a!"]);
    release();
    await settled();
    texts.take("d");
    assert.deepEqual(heard, ["a!", "b!", "c", "d"]);
});

test("each message is decompressed with the one before", async () => {
    const heard = [];
    const texts = new TextsInOrder((text) => heard.push(text), never);
    for (const [text, before] of [["first", null], ["first, second", "first"], ["first, second, third", "first, second"]]) {
        texts.take(before ? deflateSync(text, { dictionary: bytesOf(before) }) : deflateSync(text));
        texts.take("in between");
    }
    while (heard.length < 6) await settled();
    assert.deepEqual(heard, ["first", "in between", "first, second", "in between", "first, second, third", "in between"]);
});

test("a message that cannot be decompressed is reported and skipped", async () => {
    const [heard, broken] = [[], []];
    const texts = new TextsInOrder((text) => heard.push(text), (error) => broken.push(error));
    texts.take(new Uint8Array([1, 2, 3]));
    texts.take(deflateSync("next"));
    while (heard.length === 0) await settled();
    assert.deepEqual(heard, ["next"]);
    assert.equal(broken.length, 1);
});
