// Which stretch of time the charts of a page show: the last minutes, or a stretch that the reader drew over. Pure.

import { stamp } from "../lib/time.js";

const WINDOWS = [60, 300, 900, 3600];
const USUAL_SECONDS = 300;
const SHORTEST_SECONDS = 5;
const PATTERN = /^((?!0000)\d{4}-\d\d-\d\d)T(?!24)\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:[0-5]\d)$/;

export class ChartView {
    /** `zoom` is the stretch `{from, to}` in UTC epoch seconds, null for the last `seconds`, one of the `windows`. */
    constructor(windows = WINDOWS) {
        Object.assign(this, { windows, seconds: USUAL_SECONDS, zoom: null });
    }

    get isZoomed() {
        return this.zoom !== null;
    }

    /** Shows the last `seconds` again. */
    choose(seconds) {
        Object.assign(this, { seconds, zoom: null });
    }

    /** Shows a stretch in whole seconds, of five seconds at least. Returns whether it is another one. */
    zoomTo(start, end) {
        const missing = Math.max(0, SHORTEST_SECONDS - (end - start)) / 2;
        const [from, to] = [Math.floor(start - missing), Math.ceil(end + missing)];
        const isNew = this.zoom?.from !== from || this.zoom.to !== to;
        if (isNew) this.zoom = { from, to };
        return isNew;
    }

    reset() {
        this.zoom = null;
    }

    /** Whether the stretch holds a moment; without a stretch every moment is shown. */
    holds(at) {
        return this.zoom === null || (at >= this.zoom.from && at <= this.zoom.to);
    }

    /** How many seconds before the moment `at` the charts begin. */
    reach(at) {
        return this.zoom === null ? this.seconds : Math.max(0, at - this.zoom.from);
    }

    /** The columns of a series that the charts show. */
    columnsOf(series, names) {
        return this.zoom === null ? series.window(this.seconds, names) : series.between(this.zoom.from, this.zoom.to, names);
    }

    /** Takes the view from a query string; what is missing or makes no sense there is as usual. */
    read(search) {
        const query = new URLSearchParams(search);
        this.seconds = this.windows.find((seconds) => String(seconds) === query.get("window")) ?? USUAL_SECONDS;
        const [from, to] = ["from", "to"].map((name) => momentIn(query.get(name)));
        this.zoom = from < to ? { from, to } : null;
    }

    /** The query string with this view, and with all else that was in it. */
    write(search) {
        const query = new URLSearchParams(search);
        const values = { window: this.seconds === USUAL_SECONDS ? null : String(this.seconds), from: this.zoom && stamp(this.zoom.from), to: this.zoom && stamp(this.zoom.to) };
        for (const [name, value] of Object.entries(values)) {
            if (value === null) query.delete(name);
            else query.set(name, value);
        }
        // Colons are allowed in a query string, and easier to read.
        const text = query.toString().replaceAll("%3A", ":");
        return text ? `?${text}` : "";
    }
}

/** UTC epoch seconds; NaN for a text that is no moment with a zone. A plus sign that was not encoded was read as a space. */
function momentIn(text) {
    const written = (text ?? "").replace(" ", "+");
    const [, day] = PATTERN.exec(written) ?? [];
    return day && isDay(day) ? Date.parse(written) / 1000 : NaN;
}

/** Some browsers read the 30th of February as the 2nd of March, which the server names as no moment. */
function isDay(text) {
    const begin = new Date(`${text}T00:00Z`);
    return Number.isFinite(begin.getTime()) && begin.toISOString().startsWith(text);
}
