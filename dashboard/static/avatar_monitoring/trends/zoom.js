// Zooms into a stretch that was dragged over, and out again. Both are addresses, so that a link shows the same range.

import { stamp } from "../lib/time.js";

const KEY = "avatar_trends_wider";
const PLACE_KEY = "avatar_trends_place";
const REMEMBERED = 30;
const SHORTEST_SECONDS = 60;
const MINUTE = 60;

/**
 * The query string for the range from `start` to `end` (epoch seconds), with all other choices kept. Ranges are at least a
 * minute long; those of 20 minutes or more are rounded to whole minutes, shorter ones to seconds.
 */
export function zoomQuery(search, start, end) {
    const missing = Math.max(0, SHORTEST_SECONDS - (end - start)) / 2;
    const unit = end - start >= 20 * MINUTE ? MINUTE : 1;
    const query = new URLSearchParams(search);
    query.delete("range");
    query.set("from", stamp(Math.floor((start - missing) / unit) * unit));
    query.set("to", stamp(Math.ceil((end + missing) / unit) * unit));
    // Colons are allowed in a query string, and easier to read.
    return `?${query.toString().replaceAll("%3A", ":")}`;
}

/** Remembers, for this tab, which range the reader zoomed in from. */
export function rememberWider(storage, from, to) {
    const known = readAll(storage).filter(([search]) => search !== to);
    write(storage, [...known, [to, from]].slice(-REMEMBERED));
}

/** The query string that the reader zoomed in from to get here; null if there is none. */
export function widerThan(storage, search) {
    return readAll(storage).find(([to]) => to === search)?.[1] ?? null;
}

/** Remembers how far down the page was scrolled when the reader zoomed in. */
export function rememberPlace(storage, search, pixels) {
    write(storage, [search, pixels], PLACE_KEY);
}

/** Returns that position, once; 0 if the reader did not come from a chart. */
export function placeIn(storage, search) {
    const [known, pixels] = readAll(storage, PLACE_KEY);
    write(storage, [], PLACE_KEY);
    return known === search ? pixels : 0;
}

function readAll(storage, key = KEY) {
    try {
        return JSON.parse(storage.getItem(key)) ?? [];
    } catch (error) {
        console.info("The way back from a zoom is not known: session storage cannot be read.", error.name);
        return [];
    }
}

function write(storage, entries, key = KEY) {
    try {
        storage.setItem(key, JSON.stringify(entries));
    } catch (error) {
        console.info("The way back from a zoom is not remembered: session storage is not available.", error.name);
    }
}
