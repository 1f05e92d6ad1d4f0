// Ticks and ranges of the charts. Pure.

import { clockTime } from "../lib/format.js";

const DAY = 86400;
const MONTH = 28 * DAY;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Tick labels of times, in the reader's zone or, where whole UTC days are shown, in that of UTC: seconds for near ones, the date where a day begins, the year where one does. */
export function timeLabels(ticks, stepSeconds, inUTC = false) {
    return ticks.map((tick) => {
        const { day, month, year, hour, minute } = partsOf(new Date(tick * 1000), inUTC);
        if (stepSeconds >= MONTH && month === 0) return String(year);
        const startsDay = hour === 0 && minute === 0;
        if (stepSeconds >= DAY || (startsDay && stepSeconds >= 600)) return `${day} ${MONTHS[month]}`;
        return inUTC ? `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}` : clockTime(tick, stepSeconds < 60);
    });
}

function partsOf(date, inUTC) {
    const zone = inUTC ? "UTC" : "";
    const read = (name) => date[`get${zone}${name}`]();
    return { day: read("Date"), month: read("Month"), year: read("FullYear"), hour: read("Hours"), minute: read("Minutes") };
}

/** Distances between ticks that are round in KB, MB and GB. */
export function byteSteps() {
    return [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4].flatMap((unit) => STEPS.map((step) => step * unit));
}

/**
 * From 0 to a little above the highest value, so that small movements do not look like large ones. The threshold counts
 * once values come near it: drawn always, 100 ms would flatten a server that answers in 2.
 */
export function valueRange(highest, { ceiling, threshold, least = 1 } = {}) {
    if (ceiling !== undefined) return [0, ceiling];
    let top = Math.max(least, (highest ?? 0) * 1.15);
    if (threshold !== undefined && (highest ?? 0) >= threshold / 2) top = Math.max(top, threshold * 1.15);
    return [0, top];
}

/** The unit's range: per cents always show the whole. */
export function rangeOf(unit, threshold) {
    if (unit === "%") return { ceiling: 100, threshold };
    return { threshold, least: unit === "B/s" ? 1024 : 4 };
}
