// The last hour of the project's own gauges by time. Where some are missing is a row without values, so that lines break. Pure.

import { firstAfter, isGap } from "./columns.js";

const CAPACITY = 3600;
const RESTART_SECONDS = 5;
const CLOSE_SECONDS = 0.6;

export class GaugeBuffer {
    constructor() {
        this.times = [];
        this.rows = [];
    }

    add(time, values, interval) {
        const last = this.times.at(-1);
        if (time <= last && time > last - RESTART_SECONDS) return; // known from the history
        if (time < last) this.#clear(); // the clock was set back
        else if (last !== undefined && isGap(last, time, interval)) this.#append(last + interval, {});
        this.#append(time, values);
    }

    /** A copy of the present content, which later values do not change. */
    copy() {
        return Object.assign(new GaugeBuffer(), { times: [...this.times], rows: [...this.rows] });
    }

    /** The named columns of the last `seconds`, aligned with their times. */
    window(seconds, names) {
        return this.#rowsOf(names, firstAfter(this.times, this.times.at(-1) - seconds));
    }

    /** The named columns of a stretch, UTC epoch seconds, with their times. */
    between(from, to, names) {
        return this.#rowsOf(names, firstAfter(this.times, from), firstAfter(this.times, to + CLOSE_SECONDS));
    }

    #rowsOf(names, first, last) {
        const rows = this.rows.slice(first, last);
        return [this.times.slice(first, last), ...names.map((name) => rows.map((row) => row[name] ?? null))];
    }

    #append(time, values) {
        this.times.push(time);
        this.rows.push(values);
        if (this.times.length > CAPACITY) {
            this.times.shift();
            this.rows.shift();
        }
    }

    #clear() {
        this.times.length = 0;
        this.rows.length = 0;
    }
}
