// The fetched seconds of the past, as columns for charts and cards. Pure.

import { BYTES_PER_MB } from "../lib/format.js";
import { firstAfter, gapped } from "../charts/columns.js";
import { SERVER, SYSTEM } from "./frame.js";

const NAMES = [...SYSTEM, ...SERVER];
const RATES = { sent: "network_sent_rate", received: "network_recv_rate" };

const PAST_COLUMNS = ["time", ...NAMES, ...Object.keys(RATES)];

/** An answer of `/live/past/` as columns: all as they come, but the network's rates in bytes per second. */
export function columnsOf({ columns }) {
    const bytes = (value) => (value === null ? null : value * BYTES_PER_MB);
    return {
        time: columns.time,
        ...Object.fromEntries(NAMES.map((name) => [name, columns[name]])),
        ...Object.fromEntries(Object.entries(RATES).map(([name, key]) => [name, columns[key].map(bytes)])),
    };
}

/** Chunks of the past, joined into one series; `at` is the moment at which windows end. */
export class PastSeries {
    constructor() {
        this.chunks = new Map();
        this.at = null;
        this.#join();
    }

    /**
     * Replaces the chunks for which `isOld(start)` is true by `[{start, columns, step}]`; `step` is the distance between two
     * rows in seconds.
     */
    replace(isOld, chunks) {
        for (const start of [...this.chunks.keys()].filter(isOld)) this.chunks.delete(start);
        for (const chunk of chunks) this.chunks.set(chunk.start, chunk);
        this.#join();
    }

    /** The named columns of the last `seconds` until `at`, padded to the full length if nothing is known at the ends. */
    window(seconds, names) {
        const { time } = this.columns;
        const [first, last] = [firstAfter(time, this.at - seconds), firstAfter(time, this.at + 1)];
        const window = ["time", ...names].map((name) => this.columns[name].slice(first, last));
        const times = window[0];
        const pad = (how, time, row) => window.forEach((column, index) => column[how](index === 0 ? time : (row?.[names[index - 1]] ?? null)));
        if (!(times[0] <= this.at - seconds)) pad("unshift", this.at - seconds, null);
        if (times.at(-1) < this.at) pad("push", this.at, this.row());
        return window;
    }

    /** The named columns of a stretch, UTC epoch seconds, as far as they are fetched. */
    between(from, to, names) {
        const [first, last] = [firstAfter(this.columns.time, from), firstAfter(this.columns.time, to + 1)];
        return ["time", ...names].map((name) => this.columns[name].slice(first, last));
    }

    /** `{name: value}` for the row that covers `at`; null if there is none. */
    row() {
        const { time } = this.columns;
        const index = firstAfter(time, this.at + 1) - 1;
        if (index < 0 || this.at >= time[index] + this.steps[index]) return null;
        return Object.fromEntries(PAST_COLUMNS.map((name) => [name, this.columns[name][index]]));
    }

    rates() {
        const { sent = null, received = null } = this.row() ?? {};
        return { sent, received };
    }

    #join() {
        const chunks = [...this.chunks.values()].sort((a, b) => a.start - b.start);
        const joined = Object.fromEntries(PAST_COLUMNS.map((name) => [name, chunks.flatMap(({ columns }) => columns[name])]));
        const steps = chunks.flatMap(({ columns, step }) => columns.time.map(() => step));
        const { columns, rows } = gapped(joined, (index) => steps[index]);
        this.columns = columns;
        this.steps = rows.map((row) => (row === null ? 0 : steps[row]));
    }
}
