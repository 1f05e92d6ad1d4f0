// What a reader asks the clients' table for: its order, search, filters and page, as the page's address says them, and the
// `view` that asks the server for it. Pure.

import { count, echo } from "../lib/format.js";
import { gettext } from "../lib/translate.js";
import { STATES } from "./states.js";
import { VERDICTS } from "../lib/verdicts.js";

export const PAGE_ROWS = 100;
export const NOTHING_ASKED = Object.freeze({ sort: "", search: "", verdict: "", state: "", page: 1 });

const PRESENT_ORDER = "-message_count";
const PAST_ORDER = "client_id";
const TEXT_KEYS = ["client_id", "user", "room", "node"];
const LOWEST_FIRST = ["fps", "last_message_time"];
const HIGHEST_FIRST = [
    "state", "verdict", "connection_duration", "messages_per_second", "message_count", "bytes_received", "bytes_sent",
    "average_latency_ms", "latency_ms", "p95_latency_ms", "jitter_ms",
];
const SORTS = [...TEXT_KEYS, ...LOWEST_FIRST, ...HIGHEST_FIRST];
const PRESENT_KEYS = ["last_message_time", "state", "verdict", "messages_per_second", "latency_ms", "jitter_ms"];
const LONGEST_SEARCH = 64;
const LAST_PAGE = 1000;
const ORDERS = ["asc", "desc"];

const keyOf = (sort) => sort.replace(/^-/, "");

/** A column's order at its first click: names from A, and of figures first those that may mean trouble. */
export function firstOrder(key) {
    return HIGHEST_FIRST.includes(key) ? `-${key}` : key;
}

/** The past has neither states nor verdicts of single clients, nor what only connected clients have. */
export function isPastSort(key) {
    return !PRESENT_KEYS.includes(key);
}

/** The server's message. Servers of older releases know no `state`, and no `verdict`: they are left out unless they are wanted. */
export function viewOf({ sort, search, verdict, state, page }, { isPast = false, rows = PAGE_ROWS } = {}) {
    const isUsable = sort && (!isPast || isPastSort(keyOf(sort)));
    const order = isUsable ? sort : isPast ? PAST_ORDER : PRESENT_ORDER;
    const filters = isPast ? {} : { ...(verdict && { verdict }), ...(state && { state }) };
    return { sort: order, search, offset: (page - 1) * rows, limit: rows, ...filters };
}

/** After a click on a column's head; a second one reverses the order. */
export function sortedBy(asked, key, current) {
    const reversed = current.startsWith("-") ? key : `-${key}`;
    return { ...asked, sort: keyOf(current) === key ? reversed : firstOrder(key), page: 1 };
}

export function searchedFor(asked, search) {
    return { ...asked, search: search.trim(), page: 1 };
}

export function turned(asked, pages, matched, rows = PAGE_ROWS) {
    const last = Math.max(1, Math.ceil(matched / rows));
    return { ...asked, page: Math.min(last, Math.max(1, asked.page + pages)) };
}

export function ariaSort({ sort }, key) {
    if (keyOf(sort) !== key) return null;
    return sort.startsWith("-") ? "descending" : "ascending";
}

/** `{asked, problems}`: what the query string asks for, and a sentence for each value in it that is not allowed. */
export function askedIn(query) {
    const parameters = new URLSearchParams(query);
    const problems = [];
    const oneOf = (name, allowed) => {
        const value = parameters.get(name) ?? "";
        if (value === "" || allowed.includes(value)) return value;
        problems.push(gettext("%(name)s=%(value)s is not known. Allowed are %(allowed)s.", { name, value: echo(value), allowed: allowed.join(", ") }));
        return "";
    };
    const key = oneOf("sort", SORTS);
    const order = oneOf("order", ORDERS);
    const sort = key && (order ? `${order === "desc" ? "-" : ""}${key}` : firstOrder(key));
    const text = (parameters.get("search") ?? "").trim();
    // Whole characters, as the server counts them: half of one would be no text.
    const letters = [...text];
    if (letters.length > LONGEST_SEARCH) problems.push(gettext("The search has more than %(count)s characters.", { count: LONGEST_SEARCH }));
    const page = Number(parameters.get("page") ?? 1);
    const isPage = Number.isInteger(page) && page >= 1 && page <= LAST_PAGE;
    if (!isPage) problems.push(gettext("page=%(value)s is no page number. Allowed are 1 to %(last)s.", { value: echo(parameters.get("page")), last: LAST_PAGE }));
    const asked = { sort, search: letters.slice(0, LONGEST_SEARCH).join(""), verdict: oneOf("verdict", VERDICTS), state: oneOf("state", STATES), page: isPage ? page : 1 };
    return { asked, problems };
}

/** The query string with what is asked in it; other parameters stay. */
export function queryWith(query, { sort, search, verdict, state, page }) {
    const parameters = new URLSearchParams(query);
    const order = sort && (sort.startsWith("-") ? "desc" : "asc");
    for (const [name, value] of Object.entries({ sort: sort && keyOf(sort), order, search, verdict, state, page: page > 1 ? String(page) : "" })) {
        if (value) parameters.set(name, value);
        else parameters.delete(name);
    }
    const text = parameters.toString().replaceAll("%3A", ":");
    return text ? `?${text}` : "";
}

/** "showing 1–100 of 2,000", with the total if a search or a filter hides some. */
export function shownText(view, shown, matched, total) {
    if (total === 0) return "";
    const facts = { first: count(view.offset + 1), last: count(view.offset + shown), found: count(matched), total: count(total) };
    if (matched === 0) return gettext("none found, %(total)s in total", facts);
    const isNarrowed = Boolean(view.search || view.verdict || view.state);
    if (shown === 0) return isNarrowed ? gettext("showing none of %(found)s found, %(total)s in total", facts) : gettext("showing none of %(found)s", facts);
    return isNarrowed ? gettext("showing %(first)s–%(last)s of %(found)s found, %(total)s in total", facts) : gettext("showing %(first)s–%(last)s of %(found)s", facts);
}

/** A client's key: two nodes may have clients of one id. */
export function rowKey({ client_id: id, node }) {
    return JSON.stringify([id, node]);
}

/** The rows where the page shows them already, and then new ones, no more than there were; a row that is no longer among them keeps its place, marked `isGone`. */
export function keptInPlace(rows, shown) {
    const fresh = new Map(rows.map((row) => [rowKey(row), row]));
    const kept = shown.map((row) => fresh.get(rowKey(row)) ?? { ...row, isGone: true });
    const known = new Set(shown.map(rowKey));
    return [...kept, ...rows.filter((row) => !known.has(rowKey(row)))].slice(0, Math.max(rows.length, shown.length));
}

/** Whether it is the id of this client, or of a further connection with the same id: ann#2. */
export function isOfClient(id, clientId) {
    return id === clientId || (id.startsWith(`${clientId}#`) && /^\d+$/.test(id.slice(clientId.length + 1)));
}

export function clientURL({ client_url: pattern, placeholder }) {
    return (clientId) => pattern.replace(placeholder, () => encodeURIComponent(clientId));
}
