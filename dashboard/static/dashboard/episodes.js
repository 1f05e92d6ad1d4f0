// The stored alerts of the last hours, as spans for the charts and as marks for the timeline. Pure.

const SAME_SECONDS = 2;

export class Episodes {
    constructor() {
        this.all = [];
    }

    /** Takes what the API answers for alerts; one that fires is known until `now`. */
    take({ alerts }, now) {
        this.all = alerts.map(({ metric, severity, started_at: start, ended_at: end, known_until: known = null }) => ({
            metric,
            severity,
            start: Date.parse(start) / 1000,
            end: (end ?? known) === null ? now : Date.parse(end ?? known) / 1000,
        }));
    }

    /** The spans of one metric's alerts up to `until`; what the page heard of an alert itself, `live`, counts instead. */
    of(metric, until, live = []) {
        const isHeard = ({ start }) => live.some((span) => Math.abs(span.start - start) < SAME_SECONDS);
        const stored = this.all.filter((episode) => episode.metric === metric && !isHeard(episode));
        return [...stored, ...live].filter(({ start }) => start <= until).map((span) => ({ ...span, end: Math.min(span.end, until) }));
    }

    /** `[{x, width, severity}]` in shares of the range from `start` to `end`. */
    marks(start, end) {
        const share = (time) => Math.max(0, Math.min(1, (time - start) / (end - start)));
        return this.all
            .filter((episode) => episode.end >= start && episode.start <= end)
            .map(({ severity, ...episode }) => ({ x: share(episode.start), width: share(episode.end) - share(episode.start), severity }));
    }
}
