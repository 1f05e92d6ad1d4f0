// How much a value differs from an earlier one, in as few characters as tell it. Pure.

import { isKnown, number } from "./format.js";

const SAME = 0.0005;

/**
 * `{arrow, text}`, or null while one of them is not known: per cents differ by points, everything else by its share.
 * `arrow` is "▲", "▼" or "=".
 */
export function delta(now, before, unit) {
    if (!isKnown(now) || !isKnown(before)) return null;
    if (unit === "%") return told(now - before, (size) => `${number(size)} points`, 0.05);
    if (before === 0) return now === 0 ? { arrow: "=", text: "same" } : { arrow: "▲", text: "from 0" };
    return told((now - before) / Math.abs(before), share, SAME);
}

function told(difference, write, least) {
    if (Math.abs(difference) < least) return { arrow: "=", text: "same" };
    return { arrow: difference > 0 ? "▲" : "▼", text: write(Math.abs(difference)) };
}

function share(size) {
    if (size >= 9) return `${number(size + 1, 0)} times`;
    return `${number(size * 100, size < 0.0995 ? 1 : 0)} %`;
}
