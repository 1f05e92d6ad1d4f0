// The page's side of the viewer's connection: receives frames, sends acknowledgements and the wanted page of clients, and
// shows the connection's state in the banner.

import { attention } from "./attention.js";
import { countdown, describe, hasEnded, isAway, isStale } from "./connection.js";
import { duration } from "./format.js";
import { gettext } from "./translate.js";
import { isReadable, viewerSocket as socket } from "./viewer_socket.js";
import { setAttribute, setText } from "./element.js";

const LEAST_SILENCE_SECONDS = 10;
const SILENT_INTERVALS = 6;

/** `onFrame(frame)` gets every metrics message, `onHistory(message)` the last minute at the start of each connection. */
export function openFeed(config, { onFrame, onHistory = () => {}, view }) {
    let wanted = view;
    const banner = new ConnectionBanner({ interval: config.interval, onRetry: () => socket.takeOver() });
    socket.allowSilence(silenceOf(config.interval));
    socket.listen({
        onState: (state) => {
            banner.show(state);
            attention.setAway(isAway(state, attention.isAway));
            if (hasEnded(state)) attention.leave();
        },
        onOpen: () => socket.send({ type: "view", ...wanted }),
        onMessage: (message) => {
            if (message.type === "metrics") {
                socket.send({ type: "ack", seq: message.seq });
                socket.allowSilence(silenceOf(message.interval));
                banner.received(message.interval);
                // Another server, whose application is wrapped, serves the connection.
                byId("unwrapped")?.remove();
                attention.takeFrame(message);
                onFrame(message);
            } else if (message.type === "history") {
                socket.allowSilence(silenceOf(message.interval));
                // missing_script.js then reloads the page.
                if (!isReadable(message)) dispatchEvent(new Event("avatar:other-version"));
                else onHistory(message);
            } else if (message.type === "error") console.warn(`The server: ${message.code} ${message.message}`);
        },
    });
    addEventListener("online", () => socket.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || socket.retryNow());
    return {
        setView(next) {
            wanted = next;
            socket.send({ type: "view", ...next });
        },
    };
}

/** How many seconds the server may stay silent, given how often it measures now. */
function silenceOf(interval) {
    return Math.max(LEAST_SILENCE_SECONDS, interval * SILENT_INTERVALS);
}

const byId = (id) => document.getElementById(id);

class ConnectionBanner {
    constructor({ interval, onRetry }) {
        this.interval = interval;
        this.state = { name: "connecting" };
        this.receivedAt = null;
        this.connectedAt = null;
        byId("banner-retry").addEventListener("click", onRetry);
        setInterval(() => this.#tick(), 500);
    }

    show(state) {
        this.state = state;
        if (state.name === "live") this.connectedAt ??= performance.now();
        const { text, kind, retry = false, login = false } = describe(state);
        const banner = byId("banner");
        banner.hidden = text === "";
        banner.dataset.state = kind;
        setText(byId("banner-text"), text);
        byId("banner-retry").hidden = !retry;
        byId("banner-login").hidden = !login || !byId("banner-login").getAttribute("href");
        this.#tick();
    }

    /** Records a frame; the next one is due in `interval` seconds. */
    received(interval) {
        this.interval = interval;
        this.receivedAt = performance.now();
        this.#tick();
    }

    #tick() {
        const { pill, kind } = describe(this.state);
        const since = (moment) => (performance.now() - moment) / 1000;
        const age = this.receivedAt === null ? null : since(this.receivedAt);
        // A server that accepts the connection and then says nothing has no live numbers either, and those that came with the
        // page are as old as that.
        const stale = isStale(age ?? since(this.connectedAt ?? 0), this.interval);
        const shown = stale && kind === "live" ? "stale" : kind;
        setAttribute(byId("connection"), "data-state", shown);
        setText(byId("connection-text"), shown === "stale" ? gettext("No new data") : pill);
        setText(byId("data-age"), age === null ? "" : duration(age));
        document.body.toggleAttribute("data-stale", stale);
        setText(byId("banner-count"), this.state.name === "waiting" ? countdown(this.state.retryAt, Date.now()) : "");
    }
}
