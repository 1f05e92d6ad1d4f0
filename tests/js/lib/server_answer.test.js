import assert from "node:assert/strict";
import { test } from "node:test";

import { askForJSON, askServer, statusText } from "../../../dashboard/static/avatar_monitoring/lib/server_answer.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const answering = (body, init) => async () => new Response(body, init);
const why = (fetcher, ask = askForJSON) => ask("/x", { fetcher }).then(() => assert.fail("it was answered"), ({ message, status }) => [message, status]);

test("an answer in JSON is read, and anything else is none", async () => {
    assert.deepEqual(await askForJSON("/x", { fetcher: answering('{"a": 1}', { headers: JSON_TYPE }) }), { a: 1 });
    assert.deepEqual(await why(answering("<form>", { headers: { "Content-Type": "text/html" } })), ["you are no longer signed in", 401]);
    assert.deepEqual(await why(answering('{"a": ', { headers: JSON_TYPE })), ["the server does not answer", 0]);
});

test("a page that leads elsewhere leads to a sign-in page, which is no answer", async () => {
    const elsewhere = async (_, { redirect }) => (redirect === "manual" ? { type: "opaqueredirect", ok: false, status: 0, headers: new Headers() } : new Response("<form>"));
    assert.deepEqual(await why(elsewhere, askServer), ["you are no longer signed in", 401]);
    assert.deepEqual(await why(elsewhere), ["you are no longer signed in", 401]);
});

test("a refusal is told in the server's words, or in plain ones", async () => {
    assert.deepEqual(await why(answering('{"error": "The journal cannot be read"}', { status: 503, headers: JSON_TYPE })), ["The journal cannot be read", 503]);
    const told = {
        401: "you are no longer signed in",
        403: "your account may not do this any more",
        404: "the server answered 404",
        413: "the server answered 413: too much at once",
        429: "the server answered 429: asked too often, try again in a minute",
        500: "the server answered 500",
        502: "the server answered 502: not available at present",
        503: "the server answered 503: not available at present",
    };
    for (const [status, text] of Object.entries(told)) assert.deepEqual(await why(answering("<h1>", { status: Number(status) })), [text, Number(status)]);
    assert.equal(statusText(500), "500");
});

test("a server that does not answer is told without the browser's words", async () => {
    const away = async () => { throw new TypeError("Failed to fetch"); };
    assert.deepEqual(await why(away), ["the server does not answer", 0]);
    assert.deepEqual(await why(away, askServer), ["the server does not answer", 0]);
});
