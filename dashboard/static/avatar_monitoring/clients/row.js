// One row of the clients' table, for the present or for a moment of the past.

import { bytes, clockTime, count, dateTime, duration, exactBytes, isKnown, milliseconds, number, plainText, UNKNOWN } from "../lib/format.js";
import { element, setAttribute, setText, sized } from "../lib/element.js";
import { gettext, ngettext } from "../lib/translate.js";
import { shownStates, stateBadge, stateText } from "./states.js";
import { verdictBadge, verdictText, whyText } from "../lib/verdicts.js";

/** The columns of the table: `{name, label, className}`; the cells carry them, because narrow pages show cards without heads. */
export function headsOf(table) {
    return [...table.querySelectorAll("thead th")].map((head) => ({
        name: head.dataset.column,
        label: head.dataset.label ?? head.textContent.trim(),
        className: head.className,
    }));
}

export function newLine(heads) {
    const line = element("tr");
    line.cell = {};
    for (const { name, label, className } of heads) {
        line.cell[name] = element("td", { class: className, "data-label": label }, ...contentOf(name));
        line.append(line.cell[name]);
    }
    return line;
}

function contentOf(name) {
    if (name === "client_id") return [element("a", {}, element("bdi"))];
    if (name === "user" || name === "room") return [element("bdi")];
    return name === "verdict" ? [element("span", { tabindex: "0" })] : [];
}

export function fillNow(line, row, { now, thresholds, clientURL, whyUnmeasured }) {
    const { cell } = line;
    fillBoth(line, row, clientURL);
    const states = shownStates(row, now, thresholds);
    const badges = sized(cell.state, states.length, () => element("span"));
    states.forEach((state, index) => fillBadge(badges[index], stateBadge(state), stateText(state)));
    fillBadge(cell.verdict.firstElementChild, verdictBadge(row.verdict), verdictText(row.verdict));
    setAttribute(cell.verdict.firstElementChild, "data-tip", whyText(row));
    setText(cell.messages_per_second, number(row.messages_per_second, 1));
    const why = row.average_latency_ms > 0 ? "" : (whyUnmeasured.get(row.node) ?? "");
    if (why) setText(cell.average_latency_ms, gettext("not reported"));
    setAttribute(cell.average_latency_ms, "title", why);
    setText(cell.latency_ms, tenths(row.latency_ms));
    setText(cell.jitter_ms, tenths(row.jitter_ms));
    setText(cell.last_message_time, row.last_message_time > 0 ? gettext("%(time)s ago", { time: duration(now - row.last_message_time) }) : gettext("none yet"));
}

/** Totals are those of the whole session, null until it has ended. */
export function fillThen(line, row, { clientURL }) {
    const { cell } = line;
    fillBoth(line, row, clientURL);
    const [badge] = sized(cell.state, 1, () => element("span"));
    const hasLeft = isKnown(row.disconnected_at);
    fillBadge(badge, hasLeft ? "stale" : "live", hasLeft ? gettext("left %(time)s", { time: clockTime(row.disconnected_at) }) : gettext("connected"), hasLeft ? endText(row) : "");
    const { disconnected_at: end, connected_at: start, message_count: messages } = row;
    setText(cell.messages_per_second, hasLeft && end > start && isKnown(messages) ? number(messages / (end - start), 1) : UNKNOWN);
    for (const name of ["latency_ms", "jitter_ms", "last_message_time"]) setText(cell[name], UNKNOWN);
    setText(cell.verdict.firstElementChild, UNKNOWN);
}

function fillBoth(line, row, clientURL) {
    const { cell } = line;
    const link = cell.client_id.querySelector("a");
    const name = plainText(row.client_id);
    line.toggleAttribute("data-gone", Boolean(row.isGone));
    setText(link.firstElementChild, name);
    setAttribute(link, "title", row.browser ? `${name}, ${row.browser}` : name);
    setAttribute(link, "href", clientURL(row.client_id));
    fillName(cell.user, row.user);
    fillName(cell.room, row.room);
    setText(cell.connection_duration, duration(row.connection_duration));
    setAttribute(cell.connection_duration, "title", gettext("since %(time)s", { time: dateTime(row.connected_at, true) }));
    setText(cell.message_count, count(row.message_count));
    fillBytes(cell.bytes_received, row.bytes_received);
    fillBytes(cell.bytes_sent, row.bytes_sent);
    setText(cell.average_latency_ms, row.average_latency_ms > 0 ? milliseconds(row.average_latency_ms) : UNKNOWN);
    setText(cell.p95_latency_ms, tenths(row.p95_latency_ms));
    setText(cell.fps, row.hidden ? gettext("hidden") : number(row.fps, 0));
    setAttribute(cell.fps, "title", drawing(row));
    setText(cell.node, row.node);
}

function fillName(cell, name) {
    setText(cell.firstElementChild, name ? plainText(name) : UNKNOWN);
    setAttribute(cell, "title", name ? plainText(name) : "");
}

function fillBadge(badge, kind, text, title = "") {
    setAttribute(badge, "class", `badge badge--${kind}`);
    setAttribute(badge, "title", title);
    setText(badge, text);
}

function fillBytes(cell, value) {
    setText(cell, bytes(value));
    setAttribute(cell, "title", exactBytes(value));
}

/** What else a client reported about its drawing. */
function drawing({ hidden, frame_time_ms: frame, low_fps: low, long_frames: long }) {
    if (hidden) return gettext("its tab is hidden, so it draws nothing");
    const parts = [
        isKnown(frame) && gettext("%(time)s a frame", { time: milliseconds(frame) }),
        isKnown(low) && gettext("slowest %(fps)s FPS", { fps: number(low, 0) }),
        isKnown(long) && ngettext("%(count)s long frame", "%(count)s long frames", long, { count: count(long) }),
    ];
    return parts.filter(Boolean).join(", ");
}

function endText({ close_code: code, ended }) {
    return [ended, isKnown(code) ? gettext("close code %(code)s", { code }) : ""].filter(Boolean).join(", ");
}

function tenths(value) {
    return isKnown(value) ? `${number(value)} ms` : UNKNOWN;
}
