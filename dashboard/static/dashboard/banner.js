// The connection's state at the top of the page, and how old the numbers are.

import { countdown, describe, isStale } from "./connection.js";
import { duration } from "./format.js";
import { setAttribute, setText } from "./element.js";

const byId = (id) => document.getElementById(id);

export class ConnectionBanner {
    constructor({ interval, onRetry }) {
        this.interval = interval;
        this.state = { name: "connecting" };
        this.receivedAt = null;
        byId("banner-retry").addEventListener("click", onRetry);
        setInterval(() => this.#tick(), 500);
    }

    show(state) {
        this.state = state;
        const { text, kind, retry = false, login = false } = describe(state);
        const banner = byId("banner");
        banner.hidden = text === "";
        banner.dataset.state = kind;
        setText(byId("banner-text"), text);
        byId("banner-retry").hidden = !retry;
        byId("banner-login").hidden = !login;
        this.#tick();
    }

    /** A frame came; the next one is due in `interval` seconds. */
    received(interval) {
        this.interval = interval;
        this.receivedAt = performance.now();
        this.#tick();
    }

    #tick() {
        const { pill, kind } = describe(this.state);
        const age = this.receivedAt === null ? null : (performance.now() - this.receivedAt) / 1000;
        const stale = age !== null && isStale(age, this.interval);
        const shown = stale && kind === "live" ? "stale" : kind;
        setAttribute(byId("connection"), "data-state", shown);
        setText(byId("connection-text"), shown === "stale" ? "No new data" : pill);
        setText(byId("data-age"), age === null ? "" : duration(age));
        document.body.toggleAttribute("data-stale", stale);
        setText(byId("banner-count"), this.state.name === "waiting" ? countdown(this.state.retryAt, Date.now()) : "");
    }
}
