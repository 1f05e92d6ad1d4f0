// A second of the past in the shape of a live frame, for the same widgets. What is not known is null, never a live value. Pure.

export const SYSTEM = ["cpu_percent", "memory_percent", "memory_used_mb"];
export const SERVER = [
    "active_connections",
    "messages_per_second",
    "average_latency_ms",
    "p50_latency_ms",
    "p95_latency_ms",
    "p99_latency_ms",
    "fps",
    "connects",
    "disconnects",
];

/** `row` is that of PastSeries.row(); `moment` is the answer of `/live/past/moment/`, null until it arrives. */
export function pastFrame(at, row, moment) {
    return {
        isPast: true,
        timestamp: at,
        system: systemOf(row),
        server: serverOf(row),
        nodes: (moment?.nodes ?? []).map(nodeOf),
        alerts: moment?.alerts ?? [],
        // If nothing was measured, an empty list of alerts does not mean that there were none.
        areAlertsKnown: moment !== null && (row !== null || moment.alerts.length > 0),
        areClientsKnown: row !== null,
        clients: moment?.clients ?? [],
        clients_total: moment?.clients_total ?? 0,
        clients_matched: moment?.clients_matched ?? 0,
        clients_at: moment?.at ?? null,
    };
}

function systemOf(row) {
    return { host: null, reason: null, ...valuesOf(row, SYSTEM), memory_total_mb: null, network_sent_mb: null, network_recv_mb: null };
}

function serverOf(row) {
    return { ...valuesOf(row, SERVER), viewers: null, errors: null, total_messages: null, uptime_seconds: null };
}

function valuesOf(row, names) {
    return Object.fromEntries(names.map((name) => [name, row?.[name] ?? null]));
}

function nodeOf({ node, host, active_connections, messages_per_second, cpu_percent }) {
    return {
        node,
        host,
        server: { active_connections, messages_per_second, p95_latency_ms: null, uptime_seconds: null },
        system: { cpu_percent, memory_percent: null },
    };
}
