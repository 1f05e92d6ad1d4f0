// Addresses of past moments: the live page at a second.

import { stamp } from "./time.js";

/** The live page at a moment, in UTC epoch seconds; `liveURL` is the address of the live page. */
export function momentURL(liveURL, at) {
    return `${liveURL}?at=${stamp(Math.floor(at))}`;
}
