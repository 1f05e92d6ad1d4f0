// The server's time, and the times that a page shows and reads in the reader's own zone.

import { dateTime, duration } from "./format.js";
import { setText } from "./element.js";

/** `steady()` gives milliseconds that no setting of a clock moves, `own()` the browser's own time, for where nobody told. */
export class ServerClock {
    constructor({ steady = () => performance.now(), own = () => Date.now() } = {}) {
        Object.assign(this, { steady, own, told: null });
    }

    /** The server says that it is so late, UTC epoch seconds. */
    tell(epochSeconds) {
        if (Number.isFinite(epochSeconds)) this.told = { epochSeconds, at: this.steady() };
    }

    /** UTC epoch seconds. */
    get now() {
        return this.told ? this.told.epochSeconds + (this.steady() - this.told.at) / 1000 : this.own() / 1000;
    }
}

export const serverClock = new ServerClock();

/** The time that a page carries, of when the server made it; a page out of the browser's own store is older than that. */
export function tellFromPage(root = document, clock = serverClock) {
    const text = root.documentElement.dataset.now;
    const [navigation] = root === globalThis.document ? performance.getEntriesByType("navigation") : [];
    if (text && navigation?.type !== "back_forward") clock.tell(Number(text) + (navigation ? (performance.now() - navigation.responseStart) / 1000 : 0));
}

/** What a datetime-local field holds for a moment, in the reader's zone. */
export function fieldValue(epochSeconds, withSeconds) {
    const moment = new Date(epochSeconds * 1000);
    const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
    return shifted.toISOString().slice(0, withSeconds ? 19 : 16);
}

/** An epoch second as the server reads it. */
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
