// The server's time, and times as pages show them and forms hold them, in the zone that the reader has chosen.

import { dateTime, duration } from "./format.js";
import { setText } from "./element.js";
import { onZoneChange, zoneAt } from "./zone.js";

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

/** An epoch second in ISO 8601, as the server expects it. */
export function stamp(epochSeconds) {
    return new Date(epochSeconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Writes a time into an element now, and again whenever the zone changes. `write()` returns the text. */
export function zoned(node, write) {
    node.dataset.zoned = "";
    node.writeTime = write;
    setText(node, write());
    return node;
}

/** Shows the times below `root`, and which zone they are in, now and whenever the zone changes. */
export function followZone(root = document) {
    const show = () => {
        showLocalTimes(root);
        for (const node of root.querySelectorAll("[data-zoned]")) setText(node, node.writeTime());
        for (const name of root.querySelectorAll("[data-zone-name]:not(label *)")) setText(name, zoneAt(serverClock.now));
    };
    onZoneChange(show);
    show();
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
