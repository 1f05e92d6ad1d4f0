// Counts on top of each other, and which part of a bar a pointer is on. Pure.

import { isKnown } from "../lib/format.js";

/**
 * uPlot's columns for stacked bars: `[times, …sums]`, one column for each series, in its order. A bar is drawn from 0 to its
 * sum with those of the later series, so that what is drawn first is highest, and covered by all that is drawn later. Where
 * nothing was measured, all are null.
 */
export function stackedColumns(times, series) {
    const sums = series.map(({ counts }) => [...counts]);
    for (let position = sums.length - 2; position >= 0; position -= 1) {
        sums[position] = sums[position].map((value, row) => (isKnown(value) ? value + sums[position + 1][row] : null));
    }
    return [times, ...sums];
}

/** The series whose part of the bar in this row holds a value; null above the bar and where nothing was measured. */
export function partAt(columns, row, value) {
    for (let position = columns.length - 1; position >= 1; position -= 1) {
        const top = columns[position][row];
        if (isKnown(top) && value >= 0 && value <= top) return position - 1;
    }
    return null;
}

/** The row of the bar at a moment, null before the first one and after the last. */
export function barAt(times, moment, width) {
    const row = Math.floor((moment - times[0]) / width);
    return row >= 0 && row < times.length ? row : null;
}

/** The count of all series in a row, null where nothing was measured. */
export function heightOf(series, row) {
    return series.reduce((sum, { counts }) => (isKnown(counts[row]) && sum !== null ? sum + counts[row] : null), 0);
}

/** The address of a list, narrowed to the bar's time as far as it lies in the range. */
export function narrowedTo(url, base, start, end) {
    const address = new URL(url, base);
    const stamp = (seconds) => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
    address.searchParams.set("from", stamp(start));
    address.searchParams.set("to", stamp(end));
    return `${address.pathname}${address.search}`;
}
