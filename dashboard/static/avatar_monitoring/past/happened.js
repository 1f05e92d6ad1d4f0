// What happened: stored alerts and markers of the timeline's range and, further back, around the shown moment. Pure, except
// for the `ask` that is passed in.

import { clockTime, count } from "../lib/format.js";
import { Episodes, sharesOf } from "../alerts/spans.js";
import { gettext } from "../lib/translate.js";

const AGAIN_MS = 60_000;
const AROUND_SECONDS = 3600;
const LONGEST_SECONDS = 86_400;

class Stretch {
    constructor({ ask, now, onTaken, steady }) {
        Object.assign(this, { ask, now, onTaken, steady, episodes: new Episodes(), regions: [], marks: [], span: null, problem: "", askedAt: -Infinity, isAsking: false });
    }

    /** Fetches a range unless it is known, and again after a minute. */
    async want(wantedFrom, to) {
        const from = Math.max(wantedFrom, to - LONGEST_SECONDS);
        const isFresh = this.steady() - this.askedAt < AGAIN_MS;
        const isKnown = this.span !== null && this.span.from <= from && this.span.to >= to - AGAIN_MS / 1000;
        if (this.isAsking || (isKnown && isFresh)) return;
        this.isAsking = true;
        this.askedAt = this.steady();
        try {
            const answer = await this.ask(from, to);
            this.episodes.take(answer.alerts, this.now());
            this.regions = answer.regions;
            this.marks = answer.marks;
            this.problem = "";
            this.onTaken();
        } catch (error) {
            this.problem = error.message;
            this.onTaken();
        } finally {
            // What failed is asked for again in a minute too.
            this.span = { from, to };
            this.isAsking = false;
        }
    }
}

export class Happened {
    /** `ask(from, to)` resolves to an answer of `/live/past/events/`; `now()` is the server's time, `onTaken()` is called for each answer. */
    constructor({ ask, now, onTaken, steady = () => performance.now() }) {
        this.now = now;
        this.recent = new Stretch({ ask, now, onTaken, steady });
        this.around = new Stretch({ ask, now, onTaken, steady });
    }

    /** Fetches what the timeline shows, from `start` on, and what is around `at`, the shown moment, null for the present. */
    want(start, at, reach) {
        const now = Math.ceil(this.now());
        this.recent.want(start, now);
        this.isOlder = at !== null && at - reach < start;
        if (this.isOlder) this.around.want(...hourAround(at - reach, at, now));
    }

    /** The spans of a metric's alerts until a moment; `live` are those that the page received itself. */
    spansOf(metric, until, live) {
        return this.#shown.episodes.of(metric, until, live);
    }

    /** The markers, `[{at, kind, text}]`, until a moment. */
    marksUntil(moment) {
        return this.#shown.marks.filter(({ at }) => at <= moment);
    }

    /** What the timeline from `start` to `end` shows, `[{x, width, at, severity or kind, text}]`. */
    onTimeline(start, end) {
        const now = this.now();
        const regions = this.recent.regions.map((region) => ({ ...region, end: region.end ?? now, text: regionText(region) }));
        const marks = this.recent.marks.map((mark) => ({ ...mark, start: mark.at, end: mark.at, text: `${mark.text} · ${clockTime(mark.at)}` }));
        return [...sharesOf(regions, start, end), ...sharesOf(marks, start, end)].sort((a, b) => a.at - b.at);
    }

    /** Why alerts and markers may be missing; empty if none is. */
    get problem() {
        return this.#shown.problem;
    }

    get #shown() {
        return this.isOlder ? this.around : this.recent;
    }
}

function regionText({ message, count: many, start }) {
    const facts = { message, time: clockTime(start), others: count(many - 1) };
    return many > 1 ? gettext("%(message)s, and %(others)s more · since %(time)s", facts) : gettext("%(message)s · since %(time)s", facts);
}

/** A range of whole hours, so that playing does not ask with each second. */
function hourAround(from, to, now) {
    const start = Math.floor(from / AROUND_SECONDS) * AROUND_SECONDS;
    return [start, Math.min(now, (Math.floor(to / AROUND_SECONDS) + 1) * AROUND_SECONDS)];
}
