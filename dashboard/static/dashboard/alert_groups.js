// How alerts are told: which stand alone, which together, and what is said of their values. Pure.

import { count, duration, isKnown, milliseconds, percent } from "./format.js";
import { bySeverity } from "./severity.js";

const STALE = "stale_client_seconds";
const SINGLE_STALE = 3;
const WORDS = { cpu_percent: percent, memory_percent: percent, latency_ms: milliseconds, evictable_percent: percent };

/** Alerts that stand alone, and the stale clients when they are too many to stand alone. */
export function grouped(alerts) {
    const stale = alerts.filter((alert) => alert.metric === STALE);
    if (stale.length <= SINGLE_STALE) return { single: bySeverity(alerts), stale: [] };
    return { single: bySeverity(alerts.filter((alert) => alert.metric !== STALE)), stale };
}

/** How many alerts fire, and of how many the frame tells; empty for none. */
export function countText(told, total) {
    if (total === 0) return "";
    return told < total ? `${count(told)} of ${count(total)}` : count(total);
}

/** "now 28.8 % · peak 97.1 % · for 9 min"; of the past only the peak of the whole episode is known. */
export function standing({ metric, current, peak, timestamp }, now, isPast = false) {
    const words = WORDS[metric] ?? duration;
    const said = isPast ? [] : [`now ${words(current)}`];
    if (isKnown(peak)) said.push(`peak ${words(peak)}`);
    return [...said, `for ${duration(now - timestamp)}`].join(" · ");
}
