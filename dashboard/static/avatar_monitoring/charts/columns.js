// Columns of samples by time. A row of nulls between rows that lie too far apart makes a chart's line break there. Pure.

const GAP_FACTOR = 1.75;

/** Whether the next row is too late if rows come every `due` seconds. */
export function isGap(time, next, due) {
    return next - time > due * GAP_FACTOR;
}

/**
 * Returns the columns (one of them "time", ascending) with a row of nulls in each gap. `dueAfter(row)` is how many seconds
 * after a row the next one is due. `rows` has the old index of each new row, null for a gap. Rows that are not later than
 * the one before are left out.
 */
export function gapped(columns, dueAfter) {
    const { time } = columns;
    const times = [];
    const rows = [];
    let last = null;
    for (let row = 0; row < time.length; row += 1) {
        if (last !== null && time[row] <= time[last]) continue;
        if (last !== null && isGap(time[last], time[row], dueAfter(last))) {
            times.push(time[last] + dueAfter(last));
            rows.push(null);
        }
        times.push(time[row]);
        rows.push(row);
        last = row;
    }
    const filled = (name) => (name === "time" ? times : rows.map((row) => (row === null ? null : columns[name][row])));
    return { columns: Object.fromEntries(Object.keys(columns).map((name) => [name, filled(name)])), rows };
}

/** The index of the first of the ascending `times` that is not below `time`. */
export function firstAfter(times, time) {
    let low = 0;
    let high = times.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (times[middle] < time) low = middle + 1;
        else high = middle;
    }
    return low;
}
