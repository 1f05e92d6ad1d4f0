// Which alerts stand alone and which are told together. Pure.

import { count } from "./format.js";
import { bySeverity } from "./severity.js";

const STALE = "stale_client_seconds";
const SINGLE_STALE = 3;

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
