import assert from "node:assert/strict";
import { test } from "node:test";

import { backoffSeconds, ReturningSocket, socketURL, whyRefused } from "../../../dashboard/static/avatar_monitoring/lib/socket.js";
import { neverAnswering } from "../fake_page.js";

class FakeWebSocket {
    static made = [];

    constructor(url, protocols) {
        Object.assign(this, { url, protocols, readyState: 0, sent: [], closed: null });
        FakeWebSocket.made.push(this);
    }

    send(text) { this.sent.push(JSON.parse(text)); }
    close(code) { this.closed = code ?? true; }
    accept() { this.readyState = 1; this.onopen(); }
    hear(message) { this.onmessage({ data: typeof message === "string" ? message : JSON.stringify(message) }); }
    end(code) { this.readyState = 3; this.onclose({ code }); }
}

const bytesOf = (text) => new TextEncoder().encode(text);
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function opened(options = {}) {
    FakeWebSocket.made = [];
    const world = { states: [], messages: [], timers: new Map(), made: FakeWebSocket.made };
    let timer = 0;
    world.socket = new ReturningSocket({
        url: "ws://here/",
        onMessage: (message) => world.messages.push(message),
        onState: (state) => world.states.push(state),
        WebSocket: FakeWebSocket,
        setTimer: (call, ms) => { timer += 1; world.timers.set(timer, { call, ms }); return timer; },
        clearTimer: (number) => world.timers.delete(number),
        random: () => 0,
        now: () => 0,
        ...options,
    });
    await world.socket.open();
    world.names = () => world.states.map(({ name }) => name);
    world.fire = (wanted) => {
        const [number, found] = [...world.timers].find(([, { ms }]) => ms === wanted);
        world.timers.delete(number);
        found.call();
        return settled();
    };
    return world;
}

for (const [code, name] of [[4400, "refused"], [4401, "expired"], [4403, "forbidden"], [4410, "replaced"], [4411, "disconnected"]]) {
    test(`code ${code} is final: ${name}`, async () => {
        const world = await opened();
        world.made[0].accept();
        world.made[0].end(code);
        assert.equal(world.states.at(-1).name, name);
        assert.equal([...world.timers.values()].length, 0);
    });
}

for (const code of [4408, 4429]) {
    test(`code ${code} means a busy server: a longer wait`, async () => {
        const world = await opened();
        world.made[0].accept();
        world.made[0].end(code);
        assert.deepEqual([world.states.at(-1).busy, world.states.at(-1).retryAt], [true, 8000]);
    });
}

test("waits double up to 30 s and are shortened at random", () => {
    assert.deepEqual([0, 1, 2, 4, 5, 20].map((attempt) => backoffSeconds(attempt, () => 0)), [1, 2, 4, 16, 30, 30]);
    assert.equal(backoffSeconds(20, () => 1), 21);
});

test("a handshake that is never answered ends after 20 s, and the server is asked why", async () => {
    const world = await opened({ whyRefused: async () => "expired" });
    await world.fire(20_000);
    assert.deepEqual([world.made[0].closed, world.names()], [true, ["connecting", "expired"]]);
});

test("a handshake that is answered in time goes on", async () => {
    const world = await opened();
    world.made[0].accept();
    assert.deepEqual([...world.timers.values()].map(({ ms }) => ms), [15_000]);
});

test("it reports when it connects and when it is live", async () => {
    const { made, names } = await opened();
    made[0].accept();
    assert.deepEqual(names(), ["connecting", "live"]);
});

test("messages are parsed, and invalid JSON is ignored", async (t) => {
    t.mock.method(console, "warn", () => {});
    const { made, messages } = await opened();
    made[0].accept();
    made[0].hear({ type: "metrics" });
    made[0].hear("{");
    assert.deepEqual(messages, [{ type: "metrics" }]);
});

test("it offers subprotocols and decompresses binary messages in order", async () => {
    const decompress = async (bytes) => bytes.subarray(1);
    const { made, messages } = await opened({ protocols: ["p"], decompress });
    made[0].accept();
    assert.deepEqual([made[0].protocols, made[0].binaryType], [["p"], "arraybuffer"]);
    for (const data of [bytesOf("-1"), bytesOf("-2"), "3"]) made[0].onmessage({ data });
    await settled();
    assert.deepEqual(messages, [1, 2, 3]);
});

test("a message that is decompressed after its connection has ended is dropped", async () => {
    let release;
    const { made, messages } = await opened({ decompress: () => new Promise((resolve) => { release = resolve; }) });
    made[0].accept();
    made[0].onmessage({ data: bytesOf("-") });
    await settled();
    made[0].end(1006);
    release(bytesOf("{}"));
    await settled();
    assert.deepEqual(messages, []);
});

test("a connection with unreadable messages is replaced by a new one", async (t) => {
    t.mock.method(console, "warn", () => {});
    const { made, names } = await opened({ decompress: async () => { throw new Error("broken"); } });
    made[0].accept();
    for (let times = 0; times < 2; times += 1) made[0].onmessage({ data: bytesOf("-") });
    await settled();
    assert.deepEqual([made[0].closed, names()], [true, ["connecting", "live", "waiting"]]);
});

test("a server that measures less often may be silent for longer", async () => {
    const world = await opened({ silenceSeconds: 10 });
    world.made[0].accept();
    world.socket.allowSilence(360);
    assert.deepEqual([...world.timers.values()].map(({ ms }) => ms), [360_000]);
});

test("it sends only while it is live", async () => {
    const { made, socket } = await opened();
    assert.equal(socket.send({ a: 1 }), false);
    made[0].accept();
    assert.equal(socket.send({ a: 1 }), true);
    assert.deepEqual(made[0].sent, [{ a: 1 }]);
});

test("a lost connection comes back after a longer wait each time", async () => {
    const world = await opened();
    for (const wait of [1000, 2000, 4000]) {
        world.made.at(-1).accept();
        world.made.at(-1).end(1006);
        assert.equal(world.states.at(-1).retryAt, wait);
        await world.fire(wait);
    }
    assert.equal(world.made.length, 4);
});

test("a received message makes the waits short again", async () => {
    const world = await opened();
    world.made[0].accept();
    world.made[0].end(1006);
    await world.fire(1000);
    world.made[1].accept();
    world.made[1].hear({});
    world.made[1].end(1006);
    assert.equal(world.states.at(-1).retryAt, 1000);
});

test("the reader can ask for the next attempt at once", async () => {
    const world = await opened();
    world.made[0].accept();
    world.made[0].end(4012);
    world.socket.retryNow();
    await settled();
    assert.equal(world.made.length, 2);
    world.socket.retryNow();
    assert.equal(world.made.length, 2);
});

test("a name in use is tried again after longer and longer waits", async () => {
    const world = await opened();
    for (const wait of [1000, 2000, 4000]) {
        world.made.at(-1).accept();
        world.made.at(-1).hear({ type: "error", code: "refused" });
        world.made.at(-1).end(4409);
        assert.deepEqual([world.states.at(-1).name, world.states.at(-1).code, world.states.at(-1).retryAt], ["waiting", 4409, wait]);
        await world.fire(wait);
    }
});

for (const [code, what] of [[4410, "a replaced connection"], [4411, "a connection that an operator has ended"]]) {
    test(`${what} comes back only on request`, async () => {
        const world = await opened();
        world.made[0].accept();
        world.made[0].end(code);
        world.socket.retryNow();
        assert.deepEqual([world.made.length, world.timers.size], [1, 0]);
        world.socket.takeOver();
        await settled();
        assert.equal(world.made.length, 2);
    });
}

test("after a refused handshake it asks for the reason", async () => {
    const world = await opened({ whyRefused: async () => "expired" });
    world.made[0].end(1006);
    await settled();
    assert.equal(world.states.at(-1).name, "expired");
});

test("a silent connection counts as dead, and its later messages are ignored", async () => {
    const world = await opened({ silenceSeconds: 15 });
    world.made[0].accept();
    await world.fire(15000);
    assert.equal(world.states.at(-1).name, "waiting");
    world.made[0].hear({ late: true });
    world.made[0].end(1000);
    assert.deepEqual(world.messages, []);
    assert.equal(world.names().filter((name) => name === "waiting").length, 1);
});

test("a closed connection stays closed", async () => {
    const world = await opened();
    world.made[0].accept();
    world.socket.close();
    world.made[0].end(1000);
    assert.equal(world.states.at(-1).name, "closed");
    assert.equal(world.timers.size, 0);
});

test("an address that could not be fetched is tried again", async (t) => {
    t.mock.method(console, "warn", () => {});
    const world = await opened({ url: async () => { throw new Error("no ticket"); } });
    assert.equal(world.states.at(-1).name, "waiting");
});

test("messages are kept until somebody listens, and the state comes first", async () => {
    const { socket, made } = await opened({ onMessage: undefined, onState: undefined });
    made[0].accept();
    made[0].hear({ type: "history" });
    made[0].hear({ type: "metrics", seq: 1 });
    const told = [];
    socket.listen({ onMessage: ({ type }) => told.push(type), onState: ({ name }) => told.push(name), onOpen: () => told.push("open") });
    made[0].hear({ type: "metrics", seq: 2 });
    assert.deepEqual(told, ["live", "open", "history", "metrics", "metrics"]);
});

test("a listener from before the opening is told of it once", async () => {
    const { socket, made } = await opened({ onMessage: undefined, onState: undefined });
    const told = [];
    socket.listen({ onMessage() {}, onState: ({ name }) => told.push(name), onOpen: () => told.push("open") });
    made[0].accept();
    assert.deepEqual(told, ["connecting", "live", "open"]);
});

test("kept messages can be read without being taken", async () => {
    const { socket, made } = await opened({ onMessage: undefined });
    made[0].accept();
    made[0].hear({ seq: 1 });
    const read = [];
    socket.peek(({ seq }) => read.push(seq));
    made[0].hear({ seq: 2 });
    const heard = [];
    socket.listen({ onMessage: ({ seq }) => heard.push(seq), onState() {}, onOpen() {} });
    made[0].hear({ seq: 3 });
    assert.deepEqual([read, heard], [[1, 2], [1, 2, 3]]);
});

test("if nobody listens, the first message and the newest ones are kept", async () => {
    const { socket, made } = await opened({ onMessage: undefined });
    made[0].accept();
    for (let seq = 1; seq <= 50; seq += 1) made[0].hear({ seq });
    assert.deepEqual(socket.kept.map(({ seq }) => seq), [1, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
});

test("addresses have the page's own host", () => {
    assert.equal(socketURL("/ws/metrics/", {}, { protocol: "https:", host: "a.example" }), "wss://a.example/ws/metrics/");
    assert.equal(socketURL("/ws/avatar/", { room: "a b" }, { protocol: "http:", host: "h:8000" }), "ws://h:8000/ws/avatar/?room=a+b");
});

test("the page's own response tells why a handshake was refused", async () => {
    const answering = (answer) => async () => answer;
    assert.equal(await whyRefused("/", answering({ type: "opaqueredirect", status: 0 })), "expired");
    assert.equal(await whyRefused("/", answering({ type: "basic", status: 403 })), "forbidden");
    assert.equal(await whyRefused("/", answering({ type: "basic", status: 200 })), null);
    assert.equal(await whyRefused("/", async () => { throw new TypeError("offline"); }), null);
});

test("a page that does not answer gives no reason, and holds up no further attempt", async () => {
    assert.equal(await whyRefused("/", neverAnswering, 1), null);
});
