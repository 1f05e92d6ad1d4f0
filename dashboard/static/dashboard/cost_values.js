// What the panel "Cost of monitoring" says of a frame. Pure.

import { band } from "./severity.js";
import { compact, count, limit, number, scaledBytes } from "./format.js";

/** `{key: {text, unit, note, band}}` of what monitoring costs; `wanted` is the interval that was asked for, in seconds. */
export function costValues({ server: { monitor }, interval }, wanted) {
    const sent = scaledBytes(monitor.bytes_broadcast);
    return {
        cpu: { text: small(monitor.cpu_ms), unit: "ms", note: "last tick" },
        share: {
            text: small(monitor.cpu_percent),
            unit: "%",
            note: `of a core, budget ${limit(monitor.budget_percent)} %`,
            band: band(monitor.cpu_percent, monitor.budget_percent),
        },
        sent: { ...sent, note: "to viewers, last tick" },
        tickLag: { text: compact(monitor.tick_lag_ms), unit: "ms", note: "behind its time" },
        loopLag: { text: compact(monitor.loop_lag_ms), unit: "ms", note: "longest since last tick" },
        interval: {
            text: limit(interval),
            unit: "s",
            note: interval > wanted ? `instead of ${limit(wanted)} s` : "as configured",
            band: interval > wanted ? "warning" : "normal",
        },
    };
}

const small = (value) => (value > 0 && value < 1 ? number(value, value < 0.1 ? 3 : 2) : compact(value));

/** `{key: text}` of the counters that tell what protecting the server has cost. */
export function guardValues({ server }) {
    const counts = Object.fromEntries(["paused_reads", "closed_slow", "refused_messages", "skipped_frames"].map((key) => [key, count(server[key])]));
    return { ...counts, refused: refusedText(server.refused ?? {}) };
}

/** Connections that were not let in: how many, and the causes, the most frequent first. */
function refusedText(refused) {
    const causes = Object.entries(refused).sort(([, one], [, other]) => other - one);
    const total = causes.reduce((sum, [, times]) => sum + times, 0);
    const parts = causes.map(([cause, times]) => `${cause.replaceAll("_", " ")} ${count(times)}`);
    return parts.length ? `${count(total)} (${parts.join(", ")})` : "0";
}

/** Why numbers come less often than they should; empty when they do not. */
export function stretchedText({ stretched, interval, server: { monitor } }, wanted) {
    if (stretched) {
        return `Measuring every ${limit(interval)} s instead of every ${limit(wanted)} s: monitoring took more than its CPU budget.`;
    }
    if (monitor?.stretched) return `A node measures every ${limit(monitor.interval)} s only: monitoring took more than its CPU budget there.`;
    return "";
}
