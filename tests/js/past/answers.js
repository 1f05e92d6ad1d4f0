// Answers of `/live/past/` whose values are their times.

const NAMES = [
    "cpu_percent", "memory_percent", "memory_used_mb", "active_connections", "messages_per_second", "average_latency_ms",
    "p50_latency_ms", "p95_latency_ms", "p99_latency_ms", "fps", "connects", "disconnects",
];

export function answerOf(times, { step = 1, holds = null } = {}) {
    const columns = Object.fromEntries(NAMES.map((name) => [name, [...times]]));
    Object.assign(columns, { time: times, network_sent_rate: times.map(() => 1), network_recv_rate: times.map(() => null) });
    return { tier: step === 1 ? "second" : "minute", step, holds, columns };
}

/** A server whose journal holds every second from `holds.from` to `holds.to`; notes what it was asked. */
export function serverOf(holds, { longest = 3600 } = {}) {
    const asked = [];
    const ask = async (from, to) => {
        asked.push([from, to]);
        const isHeld = holds && from >= holds.from && to - from <= longest;
        const step = isHeld ? 1 : 60;
        const times = [];
        for (let time = Math.ceil(from / step) * step; time < to; time += step) if (!isHeld || time <= holds.to) times.push(time);
        return answerOf(times, { step, holds });
    };
    return { ask, asked };
}
