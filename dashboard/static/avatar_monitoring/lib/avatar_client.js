// A WebSocket that comes back, and tells the server how its page draws. For any page: docs/client-library.md.
// It imports fps_counter.js alone, so the two files may be copied together.

import { PageTelemetry } from "./fps_counter.js";

const LAST_WORDS = { 4400: "refused", 4401: "expired", 4403: "forbidden", 4410: "replaced", 4411: "disconnected" };
const SOON_CODES = [1012, 4012];
const SLOW_CODES = [1013, 4408, 4409, 4429];
const SOON_SECONDS = 2;
const SLOW_ATTEMPT = 3;
const LONGEST_SECONDS = 30;
const STEADY_SECONDS = 5;
const OFFLINE_SECONDS = 5;

/**
 * Events, each with a `detail`: `state` {name, …}, `open`, `message` (JSON as an object, other text, or an ArrayBuffer),
 * `latency` (milliseconds), `telemetry` (what was sent), `stopped` {name, code, reason}, `dropped` (a message that was kept).
 */
export class AvatarClient extends EventTarget {
    #options;
    #edge;
    #page;
    #socket = null;
    #attempt = 0;
    #turn = 0;
    #timers = {};
    #kept = [];
    #pingedAt = null;
    #answersPings = false;
    #saidHidden = false;
    #listening = new AbortController();

    /** `url` may be a path, an address, or a function, also an asynchronous one, that is called before each attempt. */
    constructor({ url, protocols = [], counter = null, telemetrySeconds = 2, pingSeconds = 5, silenceSeconds = 15, maxKept = 64, maxBufferedBytes = 1_048_576, network = true, whyRefused = async () => null, random = Math.random, edge = globalThis }) {
        super();
        this.#options = { url, protocols, telemetrySeconds, pingSeconds, silenceSeconds, maxKept, maxBufferedBytes, whyRefused, random };
        this.#edge = edge;
        this.state = { name: "closed" };
        this.#page = telemetrySeconds > 0 ? new PageTelemetry({ counter, network, edge }) : null;
        /** The FPSCounter; null if no telemetry is sent. */
        this.counter = this.#page?.counter ?? null;
        this.#listen();
    }

    /** Connects, unless it is connected or about to be. It also starts over after `stopped`. */
    async open() {
        if (this.#listening.signal.aborted || ["connecting", "live"].includes(this.state.name)) return;
        this.#stop("retry");
        const turn = (this.#turn += 1);
        this.#to({ name: "connecting", again: this.#attempt > 0 });
        const { url, protocols } = this.#options;
        try {
            const found = new URL(typeof url === "function" ? await url() : url, this.#edge.location?.href).href.replace(/^http/, "ws");
            if (turn === this.#turn) this.#connect(new this.#edge.WebSocket(found, protocols));
        } catch (error) {
            console.warn("No address to connect to", error);
            if (turn === this.#turn) await this.#ended(1006, "", false);
        }
    }

    /** Connects now if it is waiting for its next attempt. */
    retryNow() {
        if (this.state.name === "waiting") this.open();
    }

    /** Sends text, bytes, or an object as JSON. Returns false if it cannot now; with `keep` it is sent later, the oldest of too many never. */
    send(message, { keep = false } = {}) {
        const payload = typeof message === "string" || message instanceof ArrayBuffer || ArrayBuffer.isView(message) ? message : JSON.stringify(message);
        if (!keep) return this.#write(payload);
        if (this.#listening.signal.aborted) return false;
        this.#kept.push(payload);
        this.#flush();
        if (this.#kept.length > this.#options.maxKept) this.#tell("dropped", this.#kept.shift());
        return true;
    }

    /** Closes the connection; `open` may follow. */
    close() {
        this.#forget()?.close(1000);
        this.#to({ name: "closed" });
    }

    /** Closes it for good, and lets go of everything of the page. */
    destroy() {
        this.#listening.abort();
        this.#page?.stop();
        this.#kept = [];
        this.close();
    }

    #connect(socket) {
        socket.binaryType = "arraybuffer";
        this.#socket = socket;
        let opened = false;
        const own = (call) => (event) => socket === this.#socket && call(event);
        socket.onopen = own(() => {
            opened = true;
            this.#to({ name: "live" });
            this.#later("steady", STEADY_SECONDS, () => (this.#attempt = 0));
            this.#tell("open");
            this.#flush();
            this.#begin();
        });
        socket.onmessage = own(({ data }) => this.#receive(data));
        socket.onclose = own(({ code, reason }) => {
            this.#forget();
            this.#ended(code, reason, opened);
        });
    }

    // What is told at once, and again and again while the page is shown.
    #begin() {
        const { telemetrySeconds, pingSeconds, silenceSeconds } = this.#options;
        if (this.#page) this.#later("telemetry", telemetrySeconds, () => this.#report(), "setInterval");
        if (pingSeconds > 0) this.#later("ping", pingSeconds, () => this.#ping(), "setInterval");
        this.#isHidden ? this.#report() : this.#ping();
        this.#watch(silenceSeconds);
    }

    #receive(data) {
        const message = typeof data === "string" ? parsed(data) : data;
        if (message?.type === "pong" && message.t === this.#pingedAt && this.#pingedAt !== null) {
            this.#answersPings = true;
            this.#pingedAt = null;
            this.#tell("latency", this.#edge.performance.now() - message.t);
        } else if (message?.type === "ping" && message.id !== undefined) {
            this.send({ type: "pong", id: message.id });
        } else this.#tell("message", message);
        this.#watch(this.#options.silenceSeconds);
    }

    // A server that has not answered the first ping is not asked again.
    #ping() {
        const { pingSeconds, silenceSeconds } = this.#options;
        const t = this.#edge.performance.now();
        const isAwaited = this.#pingedAt !== null && !(this.#answersPings && t - this.#pingedAt > silenceSeconds * 1000);
        if (this.#isHidden || pingSeconds <= 0 || isAwaited) return;
        if (this.#write(JSON.stringify({ type: "ping", t }))) this.#pingedAt = t;
    }

    // Silence means a dead connection only where the server answers pings, and only while they are sent.
    #watch(seconds) {
        this.#stop("silence");
        if (!this.#answersPings || this.#isHidden || this.#socket === null) return;
        this.#later("silence", seconds, () => {
            // A dead connection does not answer a close either, so nobody waits for that.
            this.#forget()?.close();
            this.#ended(1006, "silent", true);
        });
    }

    #report() {
        this.#flush();
        if (this.#page === null || (this.#isHidden && this.#saidHidden)) return;
        const taken = this.#page.take();
        const telemetry = { type: "telemetry", ...taken };
        if (taken === null || !this.#write(JSON.stringify(telemetry))) return;
        this.#saidHidden = this.#isHidden;
        this.#tell("telemetry", telemetry);
    }

    async #ended(code, reason, opened) {
        const turn = (this.#turn += 1);
        const refusal = LAST_WORDS[code] ?? (opened ? null : await this.#options.whyRefused());
        if (turn !== this.#turn) return;
        if (typeof refusal === "string") {
            this.#to({ name: refusal, code, reason });
            this.#tell("stopped", this.state);
            return;
        }
        const seconds = retrySeconds(this.#attempt++, code, this.#options.random);
        this.#to({ name: "waiting", retryAt: this.#edge.Date.now() + seconds * 1000, busy: [4408, 4429].includes(code), code, reason, attempt: this.#attempt, ...(refusal && { why: refusal }) });
        this.#later("retry", seconds, () => this.open());
    }

    #forget() {
        const socket = this.#socket;
        this.#socket = this.#pingedAt = null;
        this.#saidHidden = false;
        this.#turn += 1;
        for (const name of Object.keys(this.#timers)) this.#stop(name);
        return socket;
    }

    get #isHidden() {
        return this.#edge.document?.hidden ?? false;
    }

    #listen() {
        const on = (target, name, call) => target?.addEventListener?.(name, call, { signal: this.#listening.signal });
        on(this.#edge, "online", () => (this.state.name === "live" ? this.#ping() : this.retryNow()));
        on(this.#edge, "offline", () => {
            this.#ping();
            this.#watch(OFFLINE_SECONDS);
        });
        on(this.#edge.document, "visibilitychange", () => {
            this.#page?.setHidden();
            if (this.state.name === "live") this.#begin();
            else if (!this.#isHidden) this.retryNow();
        });
    }

    #flush() {
        while (this.#kept.length > 0 && this.#write(this.#kept[0])) this.#kept.shift();
    }

    #write(payload) {
        if (this.#socket?.readyState !== 1 || this.#socket.bufferedAmount > this.#options.maxBufferedBytes) return false;
        this.#socket.send(payload);
        return true;
    }

    #later(name, seconds, call, set = "setTimeout") {
        this.#stop(name);
        this.#timers[name] = this.#edge[set](call, seconds * 1000);
    }

    #stop(name) {
        this.#edge.clearTimeout(this.#timers[name]);
    }

    #to(state) {
        this.state = state;
        this.#tell("state", state);
    }

    #tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}

/**
 * Seconds before attempt number `attempt` (from 0): anything up to 1, 2, 4 … 30, so that not all clients return at once ("full
 * jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). A server that said that it comes back is
 * asked within two seconds; one that is too busy, or has this client already, after four at least.
 */
export function retrySeconds(attempt, code, random = Math.random) {
    if (SOON_CODES.includes(code) && attempt === 0) return SOON_SECONDS * random();
    if (!SLOW_CODES.includes(code)) return Math.min(LONGEST_SECONDS, 2 ** attempt) * random();
    const full = Math.min(LONGEST_SECONDS, 2 ** Math.max(attempt, SLOW_ATTEMPT));
    return (full * (1 + random())) / 2;
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
