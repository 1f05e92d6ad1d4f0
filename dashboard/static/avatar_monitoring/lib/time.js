// The server's time, and times as pages show them and forms hold them, in the reader's own time zone.

import { dateTime, duration } from "./format.js";
import { setText } from "./element.js";

/** `steady()` is a monotonic clock, `own()` the browser's wall clock, which is used until the server's time is known; both in ms. */
export class ServerClock {
    constructor({ steady = () => performance.now(), own = () => Date.now() } = {}) {
        Object.assign(this, { steady, own, told: null });
    }

    /** Sets the server's present time, in UTC epoch seconds. */
    tell(epochSeconds) {
        if (Number.isFinite(epochSeconds)) this.told = { epochSeconds, at: this.steady() };
    }

    /** UTC epoch seconds. */
    get now() {
        return this.told ? this.told.epochSeconds + (this.steady() - this.told.at) / 1000 : this.own() / 1000;
    }
}

export const serverClock = new ServerClock();

/** Sets the clock from the time in the page's markup, except for a page from the browser's cache, which is older. */
export function tellFromPage(root = document, clock = serverClock) {
    const text = root.documentElement.dataset.now;
    const [navigation] = root === globalThis.document ? performance.getEntriesByType("navigation") : [];
    if (text && navigation?.type !== "back_forward") clock.tell(Number(text) + (navigation ? (performance.now() - navigation.responseStart) / 1000 : 0));
}

/** The value of a datetime-local field for a moment, in the reader's zone. */
export function fieldValue(epochSeconds, withSeconds) {
    const moment = new Date(epochSeconds * 1000);
    const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
    return shifted.toISOString().slice(0, withSeconds ? 19 : 16);
}

/** An epoch second in ISO 8601, as the server expects it. */
export function stamp(epochSeconds) {
    return new Date(epochSeconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

export function showLocalTimes(root = document) {
    for (const time of root.querySelectorAll("time[data-local]")) {
        time.title = time.dateTime;
        setText(time, dateTime(Date.parse(time.dateTime) / 1000, time.dataset.local === "seconds"));
    }
    for (const span of root.querySelectorAll("[data-span-from]")) {
        const end = span.dataset.spanTo ? Date.parse(span.dataset.spanTo) : serverClock.now * 1000;
        setText(span, duration((end - Date.parse(span.dataset.spanFrom)) / 1000));
    }
}
