// Into a stretch that was drawn over, and out of it again: both are addresses, so that a link shows the same.

const KEY = "trends-wider";
const REMEMBERED = 30;
const SHORTEST_SECONDS = 60;
const MINUTE = 60;

/**
 * The query string that shows from `start` to `end` (epoch seconds) and keeps what else was chosen. Long stretches begin
 * and end with a minute, short ones with a second; none is shorter than a minute.
 */
export function zoomQuery(search, start, end) {
    const missing = Math.max(0, SHORTEST_SECONDS - (end - start)) / 2;
    const unit = end - start >= 20 * MINUTE ? MINUTE : 1;
    const query = new URLSearchParams(search);
    query.delete("range");
    query.set("from", stamp(Math.floor((start - missing) / unit) * unit));
    query.set("to", stamp(Math.ceil((end + missing) / unit) * unit));
    // Colons may stand in a query string as they are, and are easier to read.
    return `?${query.toString().replaceAll("%3A", ":")}`;
}

/** An epoch second as the server reads it. */
export function stamp(epochSeconds) {
    return new Date(epochSeconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Notes from where somebody zoomed in, for this tab. */
export function rememberWider(storage, from, to) {
    const known = readAll(storage).filter(([search]) => search !== to);
    write(storage, [...known, [to, from]].slice(-REMEMBERED));
}

/** From where somebody zoomed in to this query string, null when nobody did. */
export function widerThan(storage, search) {
    return readAll(storage).find(([to]) => to === search)?.[1] ?? null;
}

function readAll(storage) {
    try {
        return JSON.parse(storage.getItem(KEY)) ?? [];
    } catch (error) {
        console.info("Zooming out widens step by step: nothing was remembered.", error.name);
        return [];
    }
}

function write(storage, entries) {
    try {
        storage.setItem(KEY, JSON.stringify(entries));
    } catch (error) {
        console.info("Zooming out widens step by step: this browser keeps no session storage.", error.name);
    }
}
