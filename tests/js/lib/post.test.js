import assert from "node:assert/strict";
import { test } from "node:test";

import { post } from "../../../dashboard/static/avatar_monitoring/lib/post.js";

const FORM = { elements: { csrfmiddlewaretoken: { value: "token" } } };
const problemText = (status, { error } = {}) => error ?? `refused with ${status}`;
const send = (fetcher) => post(FORM, "/answers/", { act: "comment" }, problemText, fetcher);
const why = (fetcher) => send(fetcher).then(() => assert.fail("it was done"), ({ message, status }) => [message, status]);
const JSON_TYPE = { "Content-Type": "application/json" };

test("what is sent is JSON with the token of the form, and the answer comes back", async () => {
    const done = await send(async (url, { method, headers, body }) => {
        assert.deepEqual([url, method, headers["X-CSRFToken"], headers.Accept, JSON.parse(body)], ["/answers/", "POST", "token", "application/json", { act: "comment" }]);
        return new Response('{"changed": 2}', { headers: JSON_TYPE });
    });
    assert.deepEqual(done, { changed: 2 });
});

test("what was refused is told with its status", async () => {
    assert.deepEqual(await why(async () => new Response('{"error": "by kim"}', { status: 409, headers: JSON_TYPE })), ["by kim", 409]);
    assert.deepEqual(await why(async () => new Response("too large", { status: 413 })), ["refused with 413", 413]);
});

test("a sign-in page is not taken for success", async () => {
    assert.deepEqual(await why(async () => ({ type: "opaqueredirect", ok: false, status: 0, headers: new Headers() })), ["refused with 401", 401]);
    assert.deepEqual(await why(async () => new Response("<form>", { headers: { "Content-Type": "text/html" } })), ["refused with 401", 401]);
});

test("without an answer nobody knows whether it was done, and nobody says so", async () => {
    const [text, status] = await why(async () => { throw new TypeError("Failed to fetch"); });
    assert.match(text, /does not answer.*may have been done/);
    assert.equal(status, 0);
});
