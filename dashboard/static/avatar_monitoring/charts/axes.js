// Ticks and ranges of the charts. Pure.

import { clockTime, dayLabel } from "../lib/format.js";
import { partsOf } from "../lib/zone.js";

const DAY = 86400;
const MONTH = 28 * DAY;
const STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/**
 * Labels for time ticks: with seconds if ticks are close, the date where a day begins, the year where one begins. They are
 * in the shown zone, or in UTC where a chart shows whole UTC days.
 */
export function timeLabels(ticks, stepSeconds, inUTC = false) {
    return ticks.map((tick) => {
        const { month, year, hour, minute } = inUTC ? partsOf(tick, true) : partsOf(tick);
        if (stepSeconds >= MONTH && month === 0) return String(year);
        const startsDay = hour === 0 && minute === 0;
        if (stepSeconds >= DAY || (startsDay && stepSeconds >= 600)) return dayLabel(tick, inUTC);
        return inUTC ? `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}` : clockTime(tick, stepSeconds < 60);
    });
}

/** Tick distances that are round numbers of KB, MB or GB. */
export function byteSteps() {
    return [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4].flatMap((unit) => STEPS.map((step) => step * unit));
}

/**
 * From 0, or a little below the lowest value if that is negative, to a little above the highest, so that small movements do not look large. The range includes the threshold
 * only once values reach half of it: otherwise a limit of 100 ms would flatten the chart of a server that answers in 2 ms.
 */
export function valueRange(highest, { ceiling, threshold, least = 1 } = {}, lowest = 0) {
    const bottom = Math.min(0, (lowest ?? 0) * 1.15);
    if (ceiling !== undefined) return [bottom, Math.max(ceiling, highest ?? 0)];
    let top = Math.max(least, (highest ?? 0) * 1.15);
    if (threshold !== undefined && (highest ?? 0) >= threshold / 2) top = Math.max(top, threshold * 1.15);
    return [bottom, top > bottom ? top : 1];
}

/** The range for a unit: percentages always go from 0 to 100. What is little is known of our own metrics only. */
export function rangeOf(unit, threshold, isOwn = false) {
    if (unit === "%") return { ceiling: 100, threshold };
    return { threshold, least: isOwn ? 0 : unit === "B/s" || unit === "B" ? 1024 : 4 };
}

/** A value without the digit that says nothing: "80 %" of "80.0 %", and "80%" of "80.0%". */
export function shortened(value, format) {
    return format(value).replace(/[.,]0(?!\d)/, "");
}
