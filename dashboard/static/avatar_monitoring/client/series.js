// What one client did, as columns for the charts: steps from the journal, and the seconds that this page has received. Pure.

import { firstAfter } from "../charts/columns.js";

export const LEVELS = ["latency_ms", "kernel_rtt_ms", "handler_ms", "fps", "frame_time_ms", "unsent_bytes"];
const COUNTERS = ["messages_received", "messages_sent", "bytes_received", "bytes_sent"];
export const RATES = COUNTERS.map((name) => `${name}_per_second`);
export const COLUMNS = [...LEVELS, ...RATES];

const KEPT_SECONDS = 86_400;
const LONGEST_STEP_SECONDS = 100;
const CLOSE_SECONDS = 0.6;
const CONTINUED_SECONDS = 25;

/** The difference of the counters of two seconds of one connection, per second; null where it is not known. */
export function ratesBetween(before, second) {
    const passed = before && before.connected_at === second.connected_at && before.node === second.node ? second.at - before.at : 0;
    const isKnown = passed > 0 && passed <= LONGEST_STEP_SECONDS;
    const rate = (name) => (isKnown && second[name] >= before[name] ? (second[name] - before[name]) / passed : null);
    return Object.fromEntries(COUNTERS.map((name) => [`${name}_per_second`, rate(name)]));
}

export class ClientSeries {
    constructor() {
        this.past = [];
        this.seconds = [];
        this.last = null;
        this.rows = null;
    }

    /** Replaces the steps that the server has sent by those of a newer answer. */
    takePast({ columns }) {
        this.rows = null;
        this.past = columns.time.map((time, row) => ({
            time,
            session: columns.session[row],
            length: columns.seconds[row],
            ...Object.fromEntries(COLUMNS.map((name) => [name, columns[name][row]])),
        }));
    }

    /** Adds a second from a frame or the first message, unless it is known. */
    takeSecond(second) {
        const { last } = this;
        if (last && second.at <= last.at) {
            // A clock that was set back: later seconds belong to a time that is void.
            if (last.at - second.at < LONGEST_STEP_SECONDS && last.connected_at === second.connected_at) return false;
            this.seconds = this.seconds.filter(({ time }) => time < second.at);
        }
        this.rows = null;
        const levels = Object.fromEntries(LEVELS.map((name) => [name, second[name] ?? null]));
        this.seconds.push({ time: second.at, length: null, session: second.connected_at, ...levels, ...ratesBetween(this.last, second) });
        this.last = second;
        if (this.seconds[0].time < second.at - KEPT_SECONDS) this.seconds.shift();
        return true;
    }

    /** Whether any value of these columns was ever known. */
    knows(names) {
        return this.#rows().some((row) => names.some((name) => row[name] !== null));
    }

    get first() {
        return this.#rows()[0]?.time ?? null;
    }

    /** Times and columns from `from` to `to`; where nothing was measured for long there is a row of nulls, so that lines break. */
    window(from, to, names) {
        const rows = this.#rows();
        const times = rows.map(({ time }) => time);
        const shown = gappedRows(rows.slice(firstAfter(times, from), firstAfter(times, to + CLOSE_SECONDS)));
        return [shown.map(({ time }) => time), ...names.map((name) => shown.map((row) => row[name] ?? null))];
    }

    /** Seconds are finer than steps: a step is left out if there is a second at its end. */
    #rows() {
        this.rows ??= this.#merged();
        return this.rows;
    }

    #merged() {
        const times = this.seconds.map(({ time }) => time);
        const isCovered = ({ time }) => times[firstAfter(times, time - CLOSE_SECONDS)] <= time + CLOSE_SECONDS;
        const steps = this.past.filter((row) => !isCovered(row));
        return steps.length ? [...steps, ...this.seconds].sort((a, b) => a.time - b.time) : [...this.seconds];
    }
}

function gappedRows(rows) {
    const all = [];
    rows.forEach((row, index) => {
        const before = rows[index - 1];
        const silent = before ? row.time - (row.length ?? 0) - before.time : 0;
        if (silent > CONTINUED_SECONDS) all.push({ time: before.time + 1 });
        all.push(row);
    });
    return all;
}
