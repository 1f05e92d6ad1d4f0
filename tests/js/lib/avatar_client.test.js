import assert from "node:assert/strict";
import { test } from "node:test";

import { AvatarClient, retrySeconds } from "../../../dashboard/static/avatar_monitoring/lib/avatar_client.js";
import { FPSCounter } from "../../../dashboard/static/avatar_monitoring/lib/fps_counter.js";

/** A page with a clock that is turned by hand: `pass(seconds)`. It draws nothing by itself. */
class World extends EventTarget {
    constructor() {
        super();
        this.time = 0;
        this.timers = new Map();
        this.sockets = [];
        this.frames = new Map();
        this.named = 0;
        this.location = { href: "https://here.example/app/" };
        this.document = Object.assign(new EventTarget(), { hidden: false });
        this.navigator = {};
        this.performance = { now: () => this.time };
        this.Date = { now: () => 1_000_000 + this.time };
        const world = this;
        this.WebSocket = class {
            constructor(url, protocols) {
                Object.assign(this, { url, protocols, readyState: 0, bufferedAmount: 0, sent: [], closed: null });
                world.sockets.push(this);
            }

            send(data) { this.sent.push(typeof data === "string" && data.startsWith("{") ? JSON.parse(data) : data); }
            close(code) { this.closed = code ?? true; }
            accept() { this.readyState = 1; this.onopen({}); }
            hear(message) { this.onmessage({ data: typeof message === "object" && !(message instanceof ArrayBuffer) ? JSON.stringify(message) : message }); }
            end(code, reason = "") { this.readyState = 3; this.onclose({ code, reason }); }
            of(type) { return this.sent.filter((message) => message.type === type); }
        };
    }

    setTimeout(call, ms) { return this.#timer(call, ms); }
    setInterval(call, ms) { return this.#timer(call, ms, ms); }
    clearTimeout(name) { this.timers.delete(name); }
    requestAnimationFrame(call) { this.frames.set(++this.named, call); return this.named; }
    cancelAnimationFrame(name) { this.frames.delete(name); }

    get socket() { return this.sockets.at(-1); }

    draw(count, ms) {
        for (let frame = 0; frame < count; frame += 1) {
            this.pass(ms / 1000);
            const called = [...this.frames.values()];
            this.frames.clear();
            for (const call of called) call(this.time);
        }
    }

    pass(seconds) {
        const end = this.time + seconds * 1000;
        for (;;) {
            const next = [...this.timers.entries()].sort(([, a], [, b]) => a.at - b.at)[0];
            if (!next || next[1].at > end) break;
            const [name, timer] = next;
            this.time = timer.at;
            if (timer.every) timer.at += timer.every;
            else this.timers.delete(name);
            timer.call();
        }
        this.time = end;
    }

    hide(hidden) {
        this.document.hidden = hidden;
        this.document.dispatchEvent(new Event("visibilitychange"));
    }

    #timer(call, ms, every) {
        this.timers.set(++this.named, { call, every, at: this.time + ms });
        return this.named;
    }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function connecting(options = {}, world = new World()) {
    const client = new AvatarClient({ url: "/ws/chat/", edge: world, random: () => 0.5, ...options });
    const told = { state: [], message: [], latency: [], telemetry: [], stopped: [], dropped: [], open: [] };
    for (const [name, list] of Object.entries(told)) client.addEventListener(name, ({ detail }) => list.push(detail));
    client.open();
    return settled().then(() => ({ world, client, told }));
}

async function live(options) {
    const found = await connecting(options);
    found.world.socket.accept();
    return found;
}

const names = (states) => states.map(({ name }) => name);

test("a path is an address of the page's own host, encrypted as the page is", async () => {
    const { world } = await connecting();
    assert.equal(world.socket.url, "wss://here.example/ws/chat/");
    const other = await connecting({ url: async () => "ws://there.example/?t=1", protocols: ["chat"] });
    assert.deepEqual([other.world.socket.url, other.world.socket.protocols], ["ws://there.example/?t=1", ["chat"]]);
});

test("messages are told: JSON as objects, and what is none as it came", async () => {
    const { world, told } = await live();
    const bytes = new ArrayBuffer(2);
    for (const message of [{ type: "say", text: "hi" }, "plain", bytes]) world.socket.hear(message);
    assert.deepEqual(told.message, [{ type: "say", text: "hi" }, "plain", bytes]);
    assert.deepEqual([told.open.length, names(told.state)], [1, ["connecting", "live"]]);
});

test("it comes back with growing pauses, from the beginning after it was connected for a while", async () => {
    const { world, told } = await live();
    const pauses = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
        world.socket.end(1006);
        await settled();
        pauses.push((told.state.at(-1).retryAt - world.Date.now()) / 1000);
        world.pass(pauses.at(-1));
        await settled();
    }
    assert.deepEqual(pauses, [0.5, 1, 2, 4, 8, 15, 15]);
    world.socket.accept();
    world.pass(5);
    world.socket.end(1006);
    await settled();
    assert.equal((told.state.at(-1).retryAt - world.Date.now()) / 1000, 0.5);
});

test("a server that accepts and closes at once is not asked more and more often", async () => {
    const { world, told } = await live();
    for (let attempt = 0; attempt < 4; attempt += 1) {
        world.socket.hear({ type: "welcome" });
        world.socket.end(1011);
        await settled();
        world.pass(30);
        await settled();
        world.socket.accept();
    }
    assert.equal(told.state.filter(({ name }) => name === "waiting").at(-1).attempt, 4);
});

for (const [code, name] of [[4400, "refused"], [4401, "expired"], [4403, "forbidden"], [4410, "replaced"], [4411, "disconnected"]]) {
    test(`${code} stops it as ${name}, until it is opened again`, async () => {
        const { world, client, told } = await live();
        world.socket.end(code, "why");
        await settled();
        assert.deepEqual(told.stopped, [{ name, code, reason: "why" }]);
        client.retryNow();
        world.pass(600);
        assert.equal(world.sockets.length, 1);
        client.open();
        await settled();
        assert.equal(world.sockets.length, 2);
    });
}

test("how soon it comes back depends on what the server said", () => {
    const range = (attempt, code) => [retrySeconds(attempt, code, () => 0), retrySeconds(attempt, code, () => 1)];
    assert.deepEqual(range(0, 1006), [0, 1]);
    assert.deepEqual(range(9, 1006), [0, 30]);
    assert.deepEqual(range(0, 4012), [0, 2]);
    assert.deepEqual(range(2, 4012), [0, 4]);
    for (const code of [4408, 4409, 4429, 1013]) {
        assert.deepEqual(range(0, code), [4, 8]);
        assert.deepEqual(range(9, code), [15, 30]);
    }
});

test("the page may say why a handshake was refused", async () => {
    const { world, told } = await connecting({ whyRefused: async () => "expired" });
    world.socket.end(1006);
    await settled();
    assert.equal(told.stopped[0].name, "expired");
});

test("an address that cannot be had is tried again later", async (context) => {
    context.mock.method(console, "warn", () => {});
    let asked = 0;
    const url = async () => { asked += 1; if (asked === 1) throw new Error("no ticket"); return "/ws/"; };
    const { world, told } = await connecting({ url });
    assert.deepEqual(names(told.state), ["connecting", "waiting"]);
    world.pass(1);
    await settled();
    assert.equal(world.sockets.length, 1);
});

test("it connects at once when the network is back or the page is shown", async () => {
    const { world } = await live();
    world.socket.end(1006);
    await settled();
    world.dispatchEvent(new Event("online"));
    await settled();
    assert.equal(world.sockets.length, 2);
    world.socket.end(1006);
    await settled();
    world.hide(false);
    await settled();
    assert.equal(world.sockets.length, 3);
});

test("it measures its round trips, and answers those of the server", async () => {
    const { world, told } = await live();
    const [{ t }] = world.socket.of("ping");
    world.pass(0.04);
    world.socket.hear({ type: "pong", t, server_time: 1 });
    world.socket.hear({ type: "ping", id: "a1" });
    assert.deepEqual([told.latency, told.message], [[40], []]);
    assert.deepEqual(world.socket.of("pong"), [{ type: "pong", id: "a1" }]);
    world.pass(5);
    assert.equal(world.socket.of("ping").length, 2);
});

test("a server that does not answer pings gets one, and its silence means nothing", async () => {
    const { world } = await live();
    world.pass(600);
    assert.equal(world.socket.of("ping").length, 1);
    assert.deepEqual([world.sockets.length, world.socket.closed], [1, null]);
});

test("a server that answered and fell silent is left", async () => {
    const { world, told } = await live();
    world.socket.hear({ type: "pong", t: world.socket.of("ping")[0].t });
    world.pass(15);
    await settled();
    assert.equal(world.sockets[0].closed, true);
    assert.equal(told.state.at(-1).name, "waiting");
});

test("without a network it does not wait that long", async () => {
    const { world } = await live();
    world.socket.hear({ type: "pong", t: world.socket.of("ping")[0].t });
    world.dispatchEvent(new Event("offline"));
    world.pass(5);
    assert.equal(world.sockets[0].closed, true);
});

test("every two seconds it says how the page draws", async () => {
    const { world, told } = await live();
    world.navigator.connection = { effectiveType: "4g", downlink: 8.5, rtt: 50 };
    world.draw(400, 10);
    const reports = world.socket.of("telemetry");
    assert.equal(reports.length, 2);
    assert.deepEqual(reports[1], {
        type: "telemetry", fps: 100, frame_time_ms: 10, low_fps: 100, long_frames: 0, hidden: false,
        refresh_hz: 100, network_type: "4g", downlink_mbps: 8.5, network_rtt_ms: 50,
    });
    assert.deepEqual(told.telemetry, reports);
});

test("the page's own counter takes the place of the browser's frames", async () => {
    const counter = new FPSCounter();
    const { world } = await live({ counter, network: false });
    for (let frame = 0; frame < 50; frame += 1) {
        world.pass(0.04);
        counter.recordFrame(world.time);
    }
    world.pass(0.1);
    assert.deepEqual(world.socket.of("telemetry").map(({ fps }) => fps), [25]);
});

test("a page that draws nothing says nothing", async () => {
    const { world } = await live({ counter: new FPSCounter() });
    world.pass(60);
    assert.deepEqual(world.socket.of("telemetry"), []);
});

test("long animation frames are told where the browser knows them", async () => {
    const world = new World();
    let observed;
    world.PerformanceObserver = class {
        static supportedEntryTypes = ["long-animation-frame"];

        constructor(call) { observed = call; }
        observe(options) { this.options = options; }
        disconnect() { observed = null; }
    };
    const { client } = await connecting({}, world);
    world.socket.accept();
    world.draw(50, 20);
    observed({ getEntries: () => [{ blockingDuration: 30.5 }, { blockingDuration: 100 }] });
    world.draw(60, 20);
    world.draw(100, 20);
    const told = world.socket.of("telemetry").map(({ long_animation_frames: count, blocking_ms: ms }) => [count, ms]);
    assert.deepEqual(told.slice(0, 2), [[2, 130.5], [0, 0]]);
    client.destroy();
    assert.equal(observed, null);
});

test("a hidden page says so once, and then nothing until it is shown", async () => {
    const { world } = await live();
    world.draw(210, 10);
    const before = world.socket.sent.length;
    world.hide(true);
    world.pass(60);
    const sent = world.socket.sent.slice(before);
    assert.deepEqual(sent.map(({ type, hidden }) => [type, hidden]), [["telemetry", true]]);
    world.hide(false);
    world.draw(210, 10);
    assert.equal(world.socket.sent.at(-1).type, "telemetry");
    assert.deepEqual([world.socket.sent.at(-1).hidden, world.socket.sent.at(-1).fps], [false, 100]);
});

test("a hidden page that comes back says that it is hidden", async () => {
    const world = new World();
    world.document.hidden = true;
    await connecting({}, world);
    world.socket.accept();
    assert.deepEqual(world.socket.sent.map(({ type, hidden }) => [type, hidden]), [["telemetry", true]]);
});

test("what cannot be sent now is refused, or kept in its order, the newest of too many", async () => {
    const { world, client, told } = await connecting({ maxKept: 2, telemetrySeconds: 0, pingSeconds: 0 });
    assert.equal(client.send({ n: 0 }), false);
    for (const n of [1, 2, 3]) assert.equal(client.send({ n }, { keep: true }), true);
    assert.deepEqual(told.dropped, ['{"n":1}']);
    world.socket.accept();
    client.send("four");
    assert.deepEqual(world.socket.sent, [{ n: 2 }, { n: 3 }, "four"]);
});

test("a connection that does not take what it is given gets no more", async () => {
    const { world, client } = await live({ maxBufferedBytes: 1000 });
    world.socket.bufferedAmount = 1001;
    assert.equal(client.send({ n: 1 }), false);
    client.send({ n: 2 }, { keep: true });
    const before = world.socket.sent.length;
    world.pass(10);
    assert.equal(world.socket.sent.length, before);
    world.socket.bufferedAmount = 0;
    world.pass(2);
    assert.ok(world.socket.sent.some(({ n }) => n === 2));
});

test("closing ends it, and it may be opened again", async () => {
    const { world, client, told } = await live();
    client.close();
    assert.equal(world.socket.closed, 1000);
    world.socket.end(1000);
    world.pass(600);
    assert.deepEqual([world.sockets.length, told.state.at(-1).name], [1, "closed"]);
    client.open();
    await settled();
    assert.equal(world.sockets.length, 2);
});

test("after it is destroyed nothing of it is left in the page", async () => {
    const { world, client, told } = await live();
    client.destroy();
    assert.deepEqual([world.timers.size, world.frames.size, world.socket.closed], [0, 0, 1000]);
    world.dispatchEvent(new Event("online"));
    world.hide(true);
    client.open();
    assert.deepEqual([client.send({ n: 1 }), client.send({ n: 2 }, { keep: true })], [false, false]);
    await settled();
    assert.deepEqual([world.sockets.length, told.state.at(-1).name], [1, "closed"]);
});
