// A WebSocket that reconnects. It reports every change of its state, and why it stays disconnected.

import { TextsInOrder } from "./inflate.js";

const LAST_WORDS = { 4400: "refused", 4401: "expired", 4403: "forbidden", 4410: "replaced", 4411: "disconnected" };
const BY_HAND = ["replaced", "disconnected"];
const BUSY_CODES = [4408, 4429];
const BUSY_ATTEMPTS = 3;
const MOST_KEPT = 10;

/** How long a server may take to accept; browsers themselves would wait for minutes. */
const HANDSHAKE_SECONDS = 20;

/**
 * `onState({name, retryAt, busy, code, again})` gets the name "connecting", "live" or "waiting", or a final one: "refused",
 * "expired", "forbidden", "replaced", "disconnected", "closed". `whyRefused()` resolves to a final name, to null, or to an object that says why
 * it waits, which its state then has as `why`; it is called after a failed handshake, because browsers give no reason for one.
 * `attempt` is how many have failed. After `silenceSeconds` without a message the connection counts as
 * dead. `url` may be a function, also an asynchronous one, that is called before each attempt. `protocols` are the
 * subprotocols to offer; binary messages are decompressed. Without `onMessage`, messages are kept until `listen()`.
 */
export class ReturningSocket {
    constructor({ url, protocols = [], onMessage, onState = () => {}, onOpen = () => {}, whyRefused = async () => null, silenceSeconds = 15, ...edge }) {
        Object.assign(this, { url, protocols, onState, onOpen, whyRefused, silenceSeconds });
        this.onMessage = onMessage ?? ((message) => this.#keep(message));
        this.kept = [];
        this.onKept = () => {};
        this.decompress = edge.decompress;
        this.WebSocket = edge.WebSocket ?? globalThis.WebSocket;
        this.setTimer = edge.setTimer ?? ((call, ms) => setTimeout(call, ms));
        this.clearTimer = edge.clearTimer ?? ((timer) => clearTimeout(timer));
        this.random = edge.random ?? Math.random;
        this.now = edge.now ?? Date.now;
        this.attempt = 0;
        this.state = { name: "closed" };
        this.socket = null;
    }

    async open() {
        this.clearTimer(this.retryTimer);
        this.#to({ name: "connecting", again: this.attempt > 0 });
        let url;
        try {
            url = typeof this.url === "function" ? await this.url() : this.url;
        } catch (error) {
            console.warn("No address to connect to", error);
            await this.#failed(1006, false);
            return;
        }
        if (this.state.name === "connecting") this.#connect(url);
    }

    #connect(url) {
        const socket = new this.WebSocket(url, this.protocols);
        socket.binaryType = "arraybuffer";
        this.socket = socket;
        // A message that is still being decompressed when its connection ends is dropped.
        const texts = new TextsInOrder((text) => socket === this.socket && this.#receive(text), (error) => this.#broken(socket, error), this.decompress);
        let opened = false;
        this.silenceTimer = this.setTimer(() => this.#abandon(socket, false), HANDSHAKE_SECONDS * 1000);
        socket.onopen = () => {
            if (socket !== this.socket) return;
            opened = true;
            this.#to({ name: "live" });
            this.#watch(socket);
            this.onOpen(this);
        };
        socket.onmessage = (event) => {
            if (socket !== this.socket) return;
            this.#watch(socket);
            texts.take(event.data);
        };
        socket.onclose = (event) => this.#closed(socket, event.code, opened);
    }

    /** Takes over a connection that was opened without `onMessage`: its state first, then the messages kept so far. */
    listen({ onMessage, onState, onOpen }) {
        Object.assign(this, { onMessage, onState, onOpen });
        onState(this.state);
        if (this.state.name === "live") onOpen(this);
        for (const message of this.kept.splice(0)) onMessage(message, this);
    }

    /** Calls back with each message that is kept, without taking it. */
    peek(onKept) {
        this.onKept = onKept;
        for (const message of this.kept) onKept(message);
    }

    // The first message is the history. If nobody listens for long, the oldest frames after it are dropped.
    #keep(message) {
        this.kept.push(message);
        if (this.kept.length > MOST_KEPT) this.kept.splice(1, 1);
        this.onKept(message);
    }

    /** Connects now if it is waiting for its next attempt. */
    retryNow() {
        if (this.state.name === "waiting") this.open();
    }

    /** The same at the reader's request, which also takes the place back from a connection that replaced this one, and returns after an operator has ended it. */
    takeOver() {
        if (BY_HAND.includes(this.state.name)) this.open();
        else this.retryNow();
    }

    /** Sets how many seconds the server may stay silent from now on. */
    allowSilence(seconds) {
        if (seconds === this.silenceSeconds) return;
        this.silenceSeconds = seconds;
        if (this.socket) this.#watch(this.socket);
    }

    close() {
        const socket = this.socket;
        this.socket = null;
        this.clearTimer(this.retryTimer);
        this.clearTimer(this.silenceTimer);
        socket?.close(1000);
        this.#to({ name: "closed" });
    }

    /** Sends an object. Returns false if there is no connection to send it on. */
    send(message) {
        if (this.state.name !== "live" || this.socket.readyState !== 1) return false;
        this.socket.send(JSON.stringify(message));
        return true;
    }

    #receive(text) {
        let message;
        try {
            message = JSON.parse(text);
        } catch (error) {
            console.warn("A message that is not JSON was ignored", error);
            return;
        }
        // An error may only explain a refusal: it does not count as a successful reconnect.
        if (message.type !== "error") this.attempt = 0;
        this.onMessage(message, this);
    }

    #watch(socket) {
        this.clearTimer(this.silenceTimer);
        this.silenceTimer = this.setTimer(() => this.#abandon(socket), this.silenceSeconds * 1000);
    }

    #broken(socket, error) {
        console.warn("A message could not be decompressed", error);
        this.#abandon(socket);
    }

    // A dead connection does not answer a close either, so nobody waits for that.
    #abandon(socket, opened = true) {
        socket.close();
        this.#closed(socket, 1006, opened);
    }

    async #closed(socket, code, opened) {
        if (socket !== this.socket) return;
        this.socket = null;
        this.clearTimer(this.silenceTimer);
        await this.#failed(code, opened);
    }

    async #failed(code, opened) {
        const refusal = LAST_WORDS[code] ?? (opened ? null : await this.whyRefused());
        if (this.socket !== null || this.state.name === "closed") return;
        if (typeof refusal === "string") this.#to({ name: refusal, code });
        else this.#wait(code, refusal);
    }

    #wait(code, why) {
        const busy = BUSY_CODES.includes(code);
        if (busy) this.attempt = Math.max(this.attempt, BUSY_ATTEMPTS);
        const seconds = backoffSeconds(this.attempt, this.random);
        this.attempt += 1;
        this.#to({ name: "waiting", retryAt: this.now() + seconds * 1000, busy, code, attempt: this.attempt, ...(why && { why }) });
        this.retryTimer = this.setTimer(() => this.open(), seconds * 1000);
    }

    #to(state) {
        this.state = state;
        this.onState(state);
    }
}

/** The WebSocket address of a path on this page's own host. */
export function socketURL(path, parameters = {}, location = globalThis.location) {
    const query = new URLSearchParams(parameters).toString();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}${path}${query ? `?${query}` : ""}`;
}

/** How long the reason is waited for: the next attempt comes after it, and browsers themselves wait for minutes. */
export const LONGEST_REASON_MS = 5_000;

/** Requests the page itself to learn why the handshake was refused: signed out is a redirect, a missing permission a 403. */
export async function whyRefused(url = globalThis.location.href, fetcher = globalThis.fetch, longest = LONGEST_REASON_MS) {
    try {
        const answer = await fetcher(url, { method: "HEAD", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(longest) });
        if (answer.type === "opaqueredirect" || answer.status === 401) return "expired";
        return answer.status === 403 ? "forbidden" : null;
    } catch {
        return null;
    }
}

const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 30;
const JITTER_SHARE = 0.3;

/** Seconds before attempt number `attempt` (from 0): 1, 2, 4 … 30, shortened by up to 30 % so that viewers do not all return at once. */
export function backoffSeconds(attempt, random = Math.random) {
    const full = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** attempt);
    return full * (1 - JITTER_SHARE * random());
}
