// When alerts fired, as spans of time for charts and timeline: those that this page received, and stored ones. Pure.

import { textOf } from "../lib/alert_words.js";

/** The list of alerts, narrowed to those of an alert in a frame, which does not tell the number of its page. */
export function alertURL(listURL, { rule, metric, subject }) {
    return `${listURL}?${new URLSearchParams({ rule: rule ?? metric, subject })}`;
}

export class AlertRegions {
    constructor({ keepSeconds = 3600, textFor = textOf, urlOf = () => "" } = {}) {
        Object.assign(this, { keepSeconds, textFor, urlOf });
        this.spans = [];
    }

    /** Extends the span of every alert that fires at `now`. A new span starts at the alert's own time. */
    update(alerts, now, interval) {
        for (const alert of alerts) {
            const key = `${alert.metric} ${alert.subject}`;
            const open = this.spans.findLast((span) => span.key === key);
            const message = this.textFor(alert);
            if (open && now - open.end <= interval * 5) Object.assign(open, { end: now, message });
            else this.spans.push({ key, metric: alert.metric, start: alert.timestamp, end: now, message, url: this.urlOf(alert) });
        }
        this.spans = this.spans.filter((span) => span.end >= now - this.keepSeconds);
        for (const span of this.spans) span.isOpen = now - span.end <= interval * 5;
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

    /** Replaces the episodes by those of an answer of `/live/past/events/`; what still fires is known until `now`. */
    take(alerts, now) {
        this.all = alerts.map((alert) => ({ ...alert, end: alert.end ?? now, isOpen: alert.end === null }));
    }

    /**
     * The spans of a metric's alerts up to `until`. A span that the page received itself, of `live`, knows the present value,
     * and the stored one its page; the later end counts, because a frame has only the most important alerts. `end` is that of
     * what is shown, the span's own `until`, null while it fires, may be later.
     */
    of(metric, until, live = []) {
        const stored = this.all.filter((episode) => episode.metric === metric);
        const storedAs = (span) => stored.find(({ start }) => Math.abs(span.start - start) < SAME_SECONDS);
        const heard = live.map((span) => {
            const same = storedAs(span);
            return same ? { ...span, url: same.url, isOpen: span.isOpen || same.isOpen, end: Math.max(span.end, same.end) } : span;
        });
        const others = stored.filter(({ start }) => !live.some((span) => Math.abs(span.start - start) < SAME_SECONDS));
        return [...others, ...heard].filter(({ start }) => start <= until).map((span) => ({ ...span, until: span.isOpen ? null : span.end, end: Math.min(span.end, until) }));
    }
}

/** `[{x, width, at, …}]` of `[{start, end, …}]` as shares of the range from `start` to `end`. */
export function sharesOf(regions, start, end) {
    const share = (time) => Math.max(0, Math.min(1, (time - start) / (end - start)));
    return regions
        .filter((region) => region.end >= start && region.start <= end)
        .map((region) => ({ ...region, at: region.start, x: share(region.start), width: share(region.end) - share(region.start) }));
}
