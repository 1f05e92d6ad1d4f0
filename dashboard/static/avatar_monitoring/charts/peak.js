// Where a chart's scale ends if a short spike would flatten everything else. Pure.

import { isKnown } from "../lib/format.js";

/**
 * The share of the values that the scale always shows. Of a minute of seconds three may lie above: a burst of one second is
 * spread over two at most. What lasts longer than a twentieth of the range is not a spike, and is shown whole.
 */
const SHOWN_SHARE = 0.95;

/** Nothing is cut off while the others reach a quarter of the chart's height: that is still readable. */
const READABLE = 4;
const HEADROOM = 1.3;

/**
 * Bars are counted one by one, and a high one is what a reader looks for: it is whole as long as the usual bars can be seen
 * beside it at all. A fortieth of a chart's height is about four pixels.
 */
const SEEN = 40;

let scratch = new Float64Array(4096);

/**
 * `{top, value, column, row}`: the highest value to show, and the highest there is with its place; null if the highest can
 * be shown without flattening the others. The first of the columns is time and does not count.
 */
export function peakOf(columns) {
    const peak = highestIn(columns);
    if (peak === null || columns.some((values, column) => column > 0 && isOftenAbove(values, peak.value / READABLE))) return null;
    const ordinary = Math.max(...columns.slice(1).map(ordinaryOf));
    // Where nearly all is 0 there is nothing that a spike could flatten.
    return ordinary > 0 ? { ...peak, top: ordinary * HEADROOM } : null;
}

/** The same for bars, of which the first column after time has the heights: only what hides all other bars is cut off. */
export function peakOfBars(columns) {
    const heights = [...columns[1]].filter((height) => height > 0).sort((a, b) => a - b);
    const highest = SEEN * heights[heights.length >> 1];
    const whole = heights.filter((height) => height <= highest);
    const cut = heights.length - whole.length;
    if (cut === 0 || cut > Math.ceil(heights.length * (1 - SHOWN_SHARE))) return null;
    return { ...highestIn(columns), top: whole.at(-1) * HEADROOM };
}

function highestIn(columns) {
    let [value, column, row] = [0, 0, 0];
    for (let each = 1; each < columns.length; each += 1) {
        const values = columns[each];
        for (let index = 0; index < values.length; index += 1) if (values[index] > value) [value, column, row] = [values[index], each, index];
    }
    return column === 0 ? null : { value, column, row };
}

/** Whether more than a twentieth of the known values lie above. Counting is much cheaper than finding the value. */
function isOftenAbove(values, limit) {
    let [known, above] = [0, 0];
    for (let index = 0; index < values.length; index += 1) {
        if (!isKnown(values[index])) continue;
        known += 1;
        if (values[index] > limit) above += 1;
    }
    return above > known - Math.ceil(known * SHOWN_SHARE);
}

function ordinaryOf(values) {
    if (scratch.length < values.length) scratch = new Float64Array(2 * values.length);
    let known = 0;
    for (let index = 0; index < values.length; index += 1) if (isKnown(values[index])) scratch[known++] = values[index];
    return known === 0 ? 0 : nth(scratch, Math.ceil(known * SHOWN_SHARE) - 1, known);
}

/** The value that would be at an index if the first `length` were sorted (Hoare's selection, which sorts no more than that takes). */
function nth(values, wanted, length) {
    let [low, high] = [0, length - 1];
    while (low < high) {
        const pivot = values[(low + high) >> 1];
        let [left, right] = [low, high];
        while (left <= right) {
            while (values[left] < pivot) left += 1;
            while (values[right] > pivot) right -= 1;
            if (left > right) break;
            const moved = values[left];
            values[left] = values[right];
            values[right] = moved;
            left += 1;
            right -= 1;
        }
        if (wanted <= right) high = right;
        else if (wanted >= left) low = left;
        else return values[wanted];
    }
    return values[wanted];
}
