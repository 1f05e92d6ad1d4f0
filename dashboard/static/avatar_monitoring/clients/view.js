// The wanted page of the clients' list (sort, search, page) and the texts around it. Pure.

import { count } from "../lib/format.js";
import { gettext } from "../lib/translate.js";

const PAGE_ROWS = 100;
const TEXT_KEYS = ["client_id"];
const PRESENT_KEYS = ["last_message_time"];

export function initialView(search = "") {
    return { sort: "-message_count", search, offset: 0, limit: PAGE_ROWS };
}

/** The past is sorted by name, because the totals of sessions that are still open are not known; nor are its verdicts. */
export function pastView(view) {
    const { verdict: _, ...kept } = view;
    return { ...kept, sort: "client_id", offset: 0 };
}

export function isPastSort(key) {
    return !PRESENT_KEYS.includes(key);
}

/** The first click on a column sorts text ascending and numbers descending; the second click reverses the order. */
export function sortedBy(view, key) {
    const turned = view.sort === key ? `-${key}` : key;
    const first = TEXT_KEYS.includes(key) ? key : `-${key}`;
    return { ...view, sort: view.sort.replace("-", "") === key ? turned : first, offset: 0 };
}

export function searchedFor(view, search) {
    return { ...view, search: search.trim(), offset: 0 };
}

/** Only clients with this verdict, or all: servers of older releases know no such key. */
export function withVerdict(view, verdict) {
    const { verdict: _, ...all } = view;
    return { ...all, ...(verdict && { verdict }), offset: 0 };
}

export function turned(view, pages, matched) {
    const last = Math.max(0, Math.floor((matched - 1) / view.limit) * view.limit);
    return { ...view, offset: Math.min(last, Math.max(0, view.offset + pages * view.limit)) };
}

export function ariaSort(view, key) {
    if (view.sort.replace("-", "") !== key) return null;
    return view.sort.startsWith("-") ? "descending" : "ascending";
}

/** "showing 1–100 of 2,000", with the total if a search hides some. */
export function shownText(view, shown, matched, total) {
    if (total === 0) return "";
    const facts = { first: count(view.offset + 1), last: count(view.offset + shown), found: count(matched), total: count(total) };
    if (matched === 0) return gettext("none found, %(total)s in total", facts);
    const isNarrowed = Boolean(view.search || view.verdict);
    if (shown === 0) return isNarrowed ? gettext("showing none of %(found)s found, %(total)s in total", facts) : gettext("showing none of %(found)s", facts);
    return isNarrowed ? gettext("showing %(first)s–%(last)s of %(found)s found, %(total)s in total", facts) : gettext("showing %(first)s–%(last)s of %(found)s", facts);
}

/** "stale" beats "slow" beats "live". */
export function clientState(row, now, thresholds) {
    const idle = now - (row.last_message_time || row.connected_at);
    if (idle > thresholds.stale_client_seconds) return "stale";
    return row.average_latency_ms > thresholds.latency_ms ? "slow" : "live";
}

/** The new rows in the order in which the page shows them already, then the others. */
export function keptInPlace(rows, shownIds) {
    const place = new Map(shownIds.map((id, index) => [id, index]));
    const of = (row) => place.get(row.client_id) ?? shownIds.length;
    return [...rows].sort((a, b) => of(a) - of(b));
}

/** Whether it is the id of this client, or of a further connection with the same id: ann#2. */
export function isOfClient(id, clientId) {
    return id === clientId || (id.startsWith(`${clientId}#`) && /^\d+$/.test(id.slice(clientId.length + 1)));
}

export function clientURL({ client_url: pattern, placeholder }) {
    return (clientId) => pattern.replace(placeholder, () => encodeURIComponent(clientId));
}
