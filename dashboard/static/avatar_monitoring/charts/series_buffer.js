// The last hour of samples, as columns for the charts. A missing second is a row of nulls, so that the line breaks.

import { BYTES_PER_MB, isKnown } from "../lib/format.js";
import { firstAfter, gapped, isGap } from "./columns.js";

const RESTART_FACTOR = 5;
const SAME_SHARE = 0.75;
const CLOSE_SECONDS = 0.6;

const READINGS = {
    cpu_percent: ({ system }) => system.cpu_percent,
    memory_percent: ({ system }) => system.memory_percent,
    active_connections: ({ server }) => server.active_connections,
    messages_per_second: ({ server }) => server.messages_per_second,
    average_latency_ms: ({ server }) => measuredLatency(server),
    p50_latency_ms: ({ server }) => server.p50_latency_ms,
    p95_latency_ms: ({ server }) => server.p95_latency_ms,
    p99_latency_ms: ({ server }) => server.p99_latency_ms,
};

/** `due` is how many seconds after a row the next one is expected. */
const COLUMNS = ["time", "due", ...Object.keys(READINGS), "sent", "received"];

export class SeriesBuffer {
    constructor({ capacity = 3600, interval = 1 } = {}) {
        this.capacity = capacity;
        this.interval = interval;
        this.clear();
    }

    clear() {
        this.columns = Object.fromEntries(COLUMNS.map((name) => [name, []]));
        this.last = null;
    }

    /** A copy of the present content, which later samples do not change. */
    copy() {
        const copy = new SeriesBuffer({ capacity: this.capacity, interval: this.interval });
        copy.columns = Object.fromEntries(COLUMNS.map((name) => [name, [...this.columns[name]]]));
        copy.last = this.last;
        return copy;
    }

    get length() {
        return this.columns.time.length;
    }

    /** Adds a sample unless it is known already. Returns whether it was new. */
    add(sample) {
        if (this.last && this.#clockWasSetBack(sample)) this.clear();
        if (this.last && this.#isKnownAlready(sample)) return false;
        const due = this.#secondsAfter(this.last);
        if (this.last && isGap(this.last.timestamp, sample.timestamp, due)) this.#append({ time: this.last.timestamp + due });
        const readings = Object.entries(READINGS).map(([name, read]) => [name, read(sample)]);
        const row = { ...Object.fromEntries(readings), ...networkRates(this.last, sample) };
        this.#append({ ...row, time: sample.timestamp, due: this.#secondsAfter(sample) });
        this.last = sample;
        return true;
    }

    addHistory({ samples, epoch }) {
        for (const sample of samples) this.add({ ...sample, epoch });
    }

    /** Adds seconds that were measured while this page was not connected. Samples that it received itself stay as they are. */
    merge(past) {
        const known = this.#rows(past);
        const own = this.#rows(this.columns).filter(({ due }) => due !== null);
        const heard = own.map(({ time }) => time);
        const missing = known.filter(({ time }) => !this.#hasNear(heard, time));
        const rows = [...own.map((row) => this.#withRates(row, known)), ...missing.map((row) => ({ ...row, due: 1 }))].sort((a, b) => a.time - b.time);
        const columns = Object.fromEntries(COLUMNS.map((name) => [name, rows.map((row) => row[name] ?? null)]));
        this.columns = gapped(columns, (row) => Math.max(this.interval, columns.due[row])).columns;
        const excess = Math.max(0, this.length - this.capacity);
        for (const name of COLUMNS) this.columns[name].splice(0, excess);
    }

    /** How many seconds before `time` the last sample was received; Infinity if there is none. */
    silenceBefore(time) {
        const heard = this.columns.time.filter((each, row) => each < time && this.columns.due[row] !== null);
        return heard.length ? time - heard.at(-1) : Infinity;
    }

    /** The network rates of the newest row, bytes per second. */
    rates() {
        return { sent: this.columns.sent.at(-1) ?? null, received: this.columns.received.at(-1) ?? null };
    }

    /** The named columns of the last `seconds`, aligned with their times. */
    window(seconds, names) {
        const times = this.columns.time;
        return this.#rowsOf(names, seconds === undefined ? 0 : firstAfter(times, times.at(-1) - seconds));
    }

    /** The named columns of a stretch, UTC epoch seconds, with their times. */
    between(from, to, names) {
        const times = this.columns.time;
        return this.#rowsOf(names, firstAfter(times, from), firstAfter(times, to + CLOSE_SECONDS));
    }

    #rowsOf(names, first, last) {
        return [this.columns.time, ...names.map((name) => this.columns[name])].map((column) => column.slice(first, last));
    }

    // The monitor may measure less often than configured: a sample says when the next one is due.
    #secondsAfter(sample) {
        return Math.max(this.interval, sample?.interval ?? sample?.server.monitor?.interval ?? 0);
    }

    #isKnownAlready(sample) {
        const repeated = sample.epoch === this.last.epoch && sample.seq <= this.last.seq;
        return repeated || sample.timestamp <= this.last.timestamp;
    }

    // A clock may be set back, or the clock of another server may be far behind. Until it caught up, every sample would
    // look old and the page would stay empty.
    #clockWasSetBack(sample) {
        const behind = this.last.timestamp - sample.timestamp;
        return behind > this.interval * RESTART_FACTOR && sample.live === true && (sample.epoch !== this.last.epoch || sample.seq > this.last.seq);
    }

    #rows(columns) {
        const names = COLUMNS.filter((name) => columns[name]);
        return columns.time.map((_, row) => Object.fromEntries(names.map((name) => [name, columns[name][row]])));
    }

    // The first sample that was received has no predecessor, so it has no rates of its own.
    #withRates(row, known) {
        if (row.sent !== null) return row;
        const near = known.find(({ time }) => Math.abs(time - row.time) <= this.interval * SAME_SHARE);
        return { ...row, sent: near?.sent ?? null, received: near?.received ?? null };
    }

    #hasNear(times, time) {
        const near = this.interval * SAME_SHARE;
        return times[firstAfter(times, time - near)] <= time + near;
    }

    #append(row) {
        for (const name of COLUMNS) this.columns[name].push(row[name] ?? null);
        if (this.length > this.capacity) for (const name of COLUMNS) this.columns[name].shift();
    }
}

/** Bytes per second between two samples of one server; null across a restart or a reset of a counter. */
export function networkRates(before, now) {
    const seconds = before && before.epoch === now.epoch ? now.timestamp - before.timestamp : 0;
    const rate = (way) => {
        const difference = seconds > 0 ? bytesBetween(before.system, now.system, way) : null;
        return difference !== null && difference >= 0 ? difference / seconds : null;
    };
    return { sent: rate("sent"), received: rate("recv") };
}

/** Whole bytes, or from a server of an older release MB, which are rounded to thousandths. */
function bytesBetween(before, now, way) {
    const [first, last] = [before[`network_${way}_bytes`], now[`network_${way}_bytes`]];
    if (isKnown(first) && isKnown(last)) return last - first;
    const [firstMB, lastMB] = [before[`network_${way}_mb`], now[`network_${way}_mb`]];
    return isKnown(firstMB) && isKnown(lastMB) ? (lastMB - firstMB) * BYTES_PER_MB : null;
}

/** The average latency, or null if nothing was measured, for which the server sends 0. */
export function measuredLatency(server) {
    return server.p50_latency_ms === null ? null : server.average_latency_ms;
}
