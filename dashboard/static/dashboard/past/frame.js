// A second of the past in the shape of a live frame, for the same widgets. What is not known is null, never a live value. Pure.

const NOTHING = { active_connections: null, messages_per_second: null, average_latency_ms: null, p50_latency_ms: null, p95_latency_ms: null, p99_latency_ms: null, fps: null };

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
    return {
        host: null,
        reason: null,
        cpu_percent: row?.cpu ?? null,
        memory_percent: row?.memory ?? null,
        memory_used_mb: row?.used ?? null,
        memory_total_mb: null,
        network_sent_mb: null,
        network_recv_mb: null,
    };
}

function serverOf(row) {
    return {
        ...NOTHING,
        ...(row && {
            active_connections: row.connections,
            messages_per_second: row.rate,
            average_latency_ms: row.average,
            p50_latency_ms: row.p50,
            p95_latency_ms: row.p95,
            p99_latency_ms: row.p99,
            fps: row.fps,
        }),
        connects: row?.connects ?? null,
        disconnects: row?.disconnects ?? null,
        viewers: null,
        errors: null,
        total_messages: null,
        uptime_seconds: null,
    };
}

function nodeOf({ node, host, active_connections, messages_per_second, cpu_percent }) {
    return {
        node,
        host,
        server: { active_connections, messages_per_second, p95_latency_ms: null, uptime_seconds: null },
        system: { cpu_percent, memory_percent: null },
    };
}
