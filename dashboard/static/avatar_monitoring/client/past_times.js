// When the page of one client fetches its past: as it is opened, after whatever happens to the client, and again after a failure. Pure, except for the timer.

/** Steps reach the journal up to fifteen seconds late: then what lies before the first second of this page is there too. */
const JOURNAL_MS = 16_000;

/** Alerts are stored each minute. */
const STORED_MS = 75_000;
const RETRY_MS = 5_000;

/** What tells that something has happened to the client: it came, left, came back, or an alert of it began or ended. */
export function happenedIn({ client, alerts = [] }, clientId) {
    const own = alerts.filter(({ scope, subject }) => scope === "client" && subject === clientId).map(({ rule, metric }) => rule ?? metric);
    return JSON.stringify([client?.connected_at ?? null, own.sort()]);
}

export class PastTimes {
    constructor(ask, { setTimer = (call, ms) => setTimeout(call, ms) } = {}) {
        Object.assign(this, { ask, setTimer, known: null, isRetrying: false });
    }

    /** The page is connected, for the first time or again. */
    opened() {
        this.ask();
        this.setTimer(this.ask, JOURNAL_MS);
    }

    /** Takes what `happenedIn` says of a frame. */
    take(happened) {
        const isNews = this.known !== null && happened !== this.known;
        this.known = happened;
        if (isNews) for (const ms of [JOURNAL_MS, STORED_MS]) this.setTimer(this.ask, ms);
    }

    /** The question was not answered. */
    failed() {
        if (this.isRetrying) return;
        this.isRetrying = true;
        this.setTimer(() => {
            this.isRetrying = false;
            this.ask();
        }, RETRY_MS);
    }
}
