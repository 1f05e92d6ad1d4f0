import assert from "node:assert/strict";
import { test } from "node:test";

import { describe } from "../../../dashboard/static/avatar_monitoring/lib/connection.js";
import { whyUnreachable } from "../../../dashboard/static/avatar_monitoring/lib/diagnosis.js";
import { neverAnswering } from "../fake_page.js";

const PATH = "/monitoring/ws/metrics/";
const answering = (status, body) => async () => ({ status, json: async () => (typeof body === "string" ? JSON.parse(body) : body) });
const why = (fetcher, more = {}) => whyUnreachable(PATH, { fetcher, refused: async () => null, ...more });

for (const [name, answer] of [
    ["upgrade", answering(426, { monitored: true })],
    ["unwrapped", answering(426, { monitored: false })],
    ["wsgi", answering(426, { monitored: null })],
    ["elsewhere", answering(426, "<html>")],
    ["elsewhere", answering(404, {})],
    ["elsewhere", answering(0, {})],
    ["away", answering(502, {})],
    ["away", answering(503, {})],
    ["away", async () => { throw new TypeError("offline"); }],
]) {
    test(`the address of the WebSocket tells that it is ${name}`, async () => {
        const found = await why(answer);
        assert.equal(found.name, name);
        assert.ok(describe({ name: "waiting", why: found, attempt: 2 }).text.length > 20);
    });
}

test("an address that does not answer is away, and holds up no further attempt", async () => {
    assert.equal((await why(neverAnswering, { longest: 1 })).name, "away");
});

test("someone who is signed out, or may not watch, is told so first", async () => {
    assert.equal(await why(answering(426, { monitored: false }), { refused: async () => "expired" }), "expired");
});

test("a policy that forbids the connection is named", async () => {
    assert.equal((await why(answering(426, { monitored: true }), { isBlocked: () => true })).name, "blocked");
    assert.match(describe({ name: "waiting", why: { name: "blocked" }, attempt: 1 }).text, /connect-src/);
});

test("the route to the ASGI server is named, and what a proxy has to pass on", () => {
    assert.match(describe({ name: "waiting", why: { name: "wsgi", path: PATH }, attempt: 1 }).text, /route \/monitoring\/ws\/metrics\//);
    assert.match(describe({ name: "waiting", why: { name: "upgrade", path: PATH }, attempt: 2 }).text, /Upgrade and Connection/);
});

test("a server that has just started is not taken for a proxy's fault", () => {
    assert.match(describe({ name: "waiting", why: { name: "upgrade", path: PATH }, attempt: 1 }).text, /connection to the server was lost/);
});
