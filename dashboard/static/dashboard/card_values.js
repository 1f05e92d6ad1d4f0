// What the six cards say of a frame. Pure: the cards only put it on the page.

import { band, bandWhileFiring } from "./severity.js";
import { bytesPerSecond, compact, count, duration, isKnown, limit, megabytes, number, scaledBytes, UNKNOWN } from "./format.js";
import { measuredLatency } from "./series_buffer.js";

/** `{key: {figures: [{mark, text, unit}], note, band, missing}}`; `rates` are bytes per second. */
export function cardValues({ system, server, alerts = [] }, rates, thresholds) {
    const firing = new Set(alerts.map(({ metric }) => metric));
    const banded = (value, metric) => bandWhileFiring(value, thresholds[metric], firing.has(metric));
    return {
        ...systemCards(system, rates, thresholds, banded),
        connections: {
            figures: [figure(count(server.active_connections))],
            note: clientsNote(server),
            band: band(server.active_connections),
        },
        rate: {
            figures: [figure(number(server.messages_per_second), "/s")],
            note: isKnown(server.total_messages) ? `${count(server.total_messages)} in ${duration(server.uptime_seconds)}` : "",
            band: band(server.messages_per_second),
        },
        latency: latencyCard(server, thresholds, banded),
    };
}

function systemCards(system, rates, thresholds, banded) {
    return {
        cpu: unread(system, "cpu", system.cpu_percent) ?? {
            figures: [figure(number(system.cpu_percent), "%")],
            note: `limit ${limit(thresholds.cpu_percent)} %`,
            band: banded(system.cpu_percent, "cpu_percent"),
        },
        memory: unread(system, "memory", system.memory_percent) ?? {
            figures: [figure(number(system.memory_percent), "%")],
            note: memoryNote(system),
            band: banded(system.memory_percent, "memory_percent"),
        },
        network: unread(system, "network", system.network_sent_mb) ?? {
            figures: [rateFigure("↑ sent", rates.sent), rateFigure("↓ received", rates.received)],
            note: isKnown(system.network_sent_mb) ? `↑ ${megabytes(system.network_sent_mb)}  ↓ ${megabytes(system.network_recv_mb)} in all` : "",
            band: rates.sent === null ? "unknown" : "normal",
        },
    };
}

/** The card of a part of the host that was not read; null where it was, or where nobody says why it is not known. */
function unread({ reason }, part, value) {
    if (isKnown(value) || !reason) return null;
    const own = reason.split("; ").find((one) => one.startsWith(`${part}: `));
    return { figures: [figure("not collected")], note: own ? own.slice(part.length + 2) : reason, band: "unknown", missing: true };
}

/** Who looks on is known of the present only, who came and left of the past only. */
function clientsNote({ viewers, connects, disconnects }) {
    if (isKnown(viewers)) return `${count(viewers)} ${viewers === 1 ? "viewer" : "viewers"} watching`;
    return isKnown(connects) ? `${count(connects)} came, ${count(disconnects)} left` : "";
}

function memoryNote({ memory_used_mb: used, memory_total_mb: total }) {
    if (!isKnown(used)) return "";
    return isKnown(total) ? `${megabytes(used)} of ${megabytes(total)}` : `${megabytes(used)} in use`;
}

function latencyCard(server, thresholds, banded) {
    const average = measuredLatency(server);
    const figures = [
        { mark: "p50", text: compact(server.p50_latency_ms), unit: "ms" },
        { mark: "p95", text: compact(server.p95_latency_ms), unit: "ms" },
    ];
    if (average === null) {
        const note = isKnown(server.viewers) ? "no round trip measured yet" : "no round trip measured";
        return { figures: [figure(UNKNOWN)], note: isKnown(server.active_connections) ? note : "", band: "unknown" };
    }
    const note = `avg ${compact(average)}, limit ${limit(thresholds.latency_ms)} ms`;
    return { figures, note, band: banded(average, "latency_ms") };
}

function figure(text, unit = "") {
    return { mark: "", text, unit };
}

function rateFigure(mark, rate) {
    const { text, unit } = scaledBytes(rate);
    return { mark, text, unit: unit && `${unit}/s`, title: bytesPerSecond(rate) };
}
