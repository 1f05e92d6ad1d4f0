// Into a stretch that was drawn over, and out of it again: both are addresses, so that a link shows the same.

import { stamp } from "../lib/time.js";

const KEY = "trends-wider";
const PLACE_KEY = "trends-place";
const REMEMBERED = 30;
const SHORTEST_SECONDS = 60;
const MINUTE = 60;

/**
 * The query string that shows from `start` to `end` (epoch seconds) and keeps what else was chosen. Long stretches begin
 * and end with a minute, short ones with a second; none is shorter than a minute.
 */
export function zoomQuery(search, start, end) {
    const missing = Math.max(0, SHORTEST_SECONDS - (end - start)) / 2;
    const unit = end - start >= 20 * MINUTE ? MINUTE : 1;
    const query = new URLSearchParams(search);
    query.delete("range");
    query.set("from", stamp(Math.floor((start - missing) / unit) * unit));
    query.set("to", stamp(Math.ceil((end + missing) / unit) * unit));
    // Colons may stand in a query string as they are, and are easier to read.
    return `?${query.toString().replaceAll("%3A", ":")}`;
}

/** Notes from where somebody zoomed in, for this tab. */
export function rememberWider(storage, from, to) {
    const known = readAll(storage).filter(([search]) => search !== to);
    write(storage, [...known, [to, from]].slice(-REMEMBERED));
}

/** From where somebody zoomed in to this query string, null when nobody did. */
export function widerThan(storage, search) {
    return readAll(storage).find(([to]) => to === search)?.[1] ?? null;
}

/** Notes how far down somebody was who zoomed in to this query string. */
export function rememberPlace(storage, search, pixels) {
    write(storage, [search, pixels], PLACE_KEY);
}

/** How far down that was, once: 0 where nobody came from a chart. */
export function placeIn(storage, search) {
    const [known, pixels] = readAll(storage, PLACE_KEY);
    write(storage, [], PLACE_KEY);
    return known === search ? pixels : 0;
}

function readAll(storage, key = KEY) {
    try {
        return JSON.parse(storage.getItem(key)) ?? [];
    } catch (error) {
        console.info("Zooming out widens step by step: nothing was remembered.", error.name);
        return [];
    }
}

function write(storage, entries, key = KEY) {
    try {
        storage.setItem(key, JSON.stringify(entries));
    } catch (error) {
        console.info("Zooming out widens step by step: this browser keeps no session storage.", error.name);
    }
}
