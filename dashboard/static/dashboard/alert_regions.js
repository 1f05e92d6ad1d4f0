// When each metric's alerts fired, as spans of time that charts shade. Pure.

export class AlertRegions {
    constructor({ keepSeconds = 3600 } = {}) {
        this.keepSeconds = keepSeconds;
        this.spans = [];
    }

    /** Extends the span of every alert that fires at `now`; a new one begins at the alert's own time. */
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
