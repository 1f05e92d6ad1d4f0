// When alerts fired, as spans of time for charts and timeline: those that this page received, and stored ones. Pure.

export class AlertRegions {
    constructor({ keepSeconds = 3600 } = {}) {
        this.keepSeconds = keepSeconds;
        this.spans = [];
    }

    /** Extends the span of every alert that fires at `now`. A new span starts at the alert's own time. */
    update(alerts, now, interval) {
        for (const alert of alerts) {
            const key = `${alert.metric} ${alert.subject}`;
            const open = this.spans.findLast((span) => span.key === key);
            if (open && now - open.end <= interval * 5) open.end = now;
            else this.spans.push({ key, metric: alert.metric, start: alert.timestamp, end: now, message: alert.message });
        }
        this.spans = this.spans.filter((span) => span.end >= now - this.keepSeconds);
    }

    of(metric) {
        return this.spans.filter((span) => span.metric === metric);
    }
}

const SAME_SECONDS = 2;

export class Episodes {
    constructor() {
        this.all = [];
    }

    /** Replaces the episodes by an answer of the API; those that still fire are known until `now`. */
    take({ alerts }, now) {
        this.all = alerts.map(({ metric, severity, started_at: start, ended_at: end, known_until: known = null }) => ({
            metric,
            severity,
            start: Date.parse(start) / 1000,
            end: (end ?? known) === null ? now : Date.parse(end ?? known) / 1000,
        }));
    }

    /** The spans of a metric's alerts up to `until`. Spans that the page received itself, `live`, replace stored ones. */
    of(metric, until, live = []) {
        const isHeard = ({ start }) => live.some((span) => Math.abs(span.start - start) < SAME_SECONDS);
        const stored = this.all.filter((episode) => episode.metric === metric && !isHeard(episode));
        return [...stored, ...live].filter(({ start }) => start <= until).map((span) => ({ ...span, end: Math.min(span.end, until) }));
    }

    /** `[{x, width, severity}]` as shares of the range from `start` to `end`. */
    marks(start, end) {
        const share = (time) => Math.max(0, Math.min(1, (time - start) / (end - start)));
        return this.all
            .filter((episode) => episode.end >= start && episode.start <= end)
            .map(({ severity, ...episode }) => ({ x: share(episode.start), width: share(episode.end) - share(episode.start), severity }));
    }
}
