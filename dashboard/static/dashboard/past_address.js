// The shown moment in the page's address, `?at=2026-11-24T14:03:22Z`, so that a link shows somebody else the same. Pure.

import { stamp } from "./zoom.js";

const PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const AROUND_SECONDS = 1800;

/** `{at}` (UTC epoch seconds, null where the address names no moment), with `error` for one that cannot be shown. */
export function momentOf(search, now) {
    const text = new URLSearchParams(search).get("at");
    if (text === null) return { at: null };
    // A plus sign that was not encoded has become a space.
    const at = PATTERN.test(text.replace(" ", "+")) ? Math.floor(Date.parse(text.replace(" ", "+")) / 1000) : NaN;
    if (!(at >= 0)) return { at: null, error: `at=${text}: allowed is a moment such as ${stamp(Math.floor(now))}` };
    return at > now ? { at: null, error: `at=${text} has not been yet: this is the live page` } : { at };
}

/** The query string with this moment, or without any. */
export function searchWith(search, at) {
    const query = new URLSearchParams(search);
    if (at === null) query.delete("at");
    else query.set("at", stamp(at));
    const text = query.toString().replaceAll("%3A", ":");
    return text ? `?${text}` : "";
}

/** Where the trends show the hour around a moment. */
export function trendsAround(url, at, now) {
    const end = Math.min(Math.floor(now), at + AROUND_SECONDS);
    return `${url}?from=${stamp(end - 2 * AROUND_SECONDS)}&to=${stamp(end)}`;
}
