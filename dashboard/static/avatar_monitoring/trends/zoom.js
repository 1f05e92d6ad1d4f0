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
export function rememberWider(store, from, to) {
    const known = waysOut(store).filter(([search]) => search !== to);
    store.write(KEY, JSON.stringify([...known, [to, from]].slice(-REMEMBERED)));
}

/** The query string that the reader zoomed in from to get here; null if there is none. */
export function widerThan(store, search) {
    return waysOut(store).find(([to]) => to === search)?.[1] ?? null;
}

/** Remembers how far down the page was scrolled when the reader zoomed in. */
export function rememberPlace(store, search, pixels) {
    store.write(PLACE_KEY, JSON.stringify([search, pixels]));
}

/** Returns that position, once; 0 if the reader did not come from a chart. */
export function placeIn(store, search) {
    const place = store.readJSON(PLACE_KEY);
    store.write(PLACE_KEY, "[]");
    return isPair(place) && place[0] === search && Number.isFinite(place[1]) ? place[1] : 0;
}

/** `[[to, from]]`, both query strings: anything else leads nowhere. */
function waysOut(store) {
    const kept = store.readJSON(KEY);
    return Array.isArray(kept) ? kept.filter((way) => isPair(way) && way.every(isQuery)) : [];
}

const isPair = (value) => Array.isArray(value) && value.length === 2;
const isQuery = (value) => typeof value === "string" && (value === "" || value.startsWith("?"));
