// One row of the clients' table, for the present or for a moment of the past.

import { bytes, clockTime, count, dateTime, duration, isKnown, milliseconds, number, plainText, UNKNOWN } from "../lib/format.js";
import { clientState } from "./view.js";
import { element, setAttribute, setText } from "../lib/element.js";
import { gettext, gettext_noop, ngettext } from "../lib/translate.js";
import { verdictBadge, verdictText, whyText } from "../lib/verdicts.js";

const STATES = { live: gettext_noop("active"), slow: gettext_noop("slow"), stale: gettext_noop("stale") };

/** A row whose cells carry the names of their columns, because narrow pages stack them. */
export function newLine(heads) {
    const line = element("tr");
    line.append(element("td", { class: "table__key" }, element("a", {}, element("bdi"))));
    for (const name of ["user", "room"]) line.append(element("td", { class: `of-${name}` }, element("bdi")));
    line.append(element("td", {}, element("span")), element("td", { class: "of-verdict" }, element("span", { tabindex: "0" })));
    for (let cell = 0; cell < 10; cell += 1) line.append(element("td", { class: "num" }));
    line.append(element("td", { class: "mono dim" }));
    heads.forEach(({ label, isLiveOnly }, index) => {
        line.children[index].setAttribute("data-label", label);
        line.children[index].classList.toggle("live-only", isLiveOnly);
    });
    return line;
}

export function fillNow(line, row, { now, thresholds, clientURL, whyUnmeasured }) {
    const [, , , state, verdict, , , , , latency, lastLatency, , jitter, , last] = line.children;
    const kind = clientState(row, now, thresholds);
    fillBoth(line, row, clientURL);
    fillBadge(state, kind, gettext(STATES[kind]), "");
    fillBadge(verdict, verdictBadge(row.verdict), verdictText(row.verdict), "");
    setAttribute(verdict.firstElementChild, "data-tip", whyText(row));
    const why = row.average_latency_ms > 0 ? "" : (whyUnmeasured.get(row.node) ?? "");
    if (why) setText(latency, gettext("not reported"));
    setAttribute(latency, "title", why);
    setText(lastLatency, tenths(row.latency_ms));
    setText(jitter, tenths(row.jitter_ms));
    setText(last, row.last_message_time > 0 ? gettext("%(time)s ago", { time: duration(now - row.last_message_time) }) : gettext("none yet"));
}

/** Totals are those of the whole session, null until it has ended. */
export function fillThen(line, row, { clientURL }) {
    const [, , , state, verdict, , , , , , lastLatency, , jitter, , last] = line.children;
    fillBoth(line, row, clientURL);
    if (isKnown(row.disconnected_at)) fillBadge(state, "stale", gettext("left %(time)s", { time: clockTime(row.disconnected_at) }), endText(row));
    else fillBadge(state, "live", gettext("connected"), "");
    for (const cell of [lastLatency, jitter, last, verdict.firstElementChild]) setText(cell, UNKNOWN);
}

function fillBoth(line, row, clientURL) {
    const [key, user, room, , , age, messages, received, sent, latency, , p95, , fps, , node] = line.children;
    const link = key.querySelector("a");
    const name = plainText(row.client_id);
    setText(link.firstElementChild, name);
    setAttribute(link, "title", row.browser ? `${name}, ${row.browser}` : name);
    setAttribute(link, "href", clientURL(row.client_id));
    fillName(user, row.user);
    fillName(room, row.room);
    setText(age, duration(row.connection_duration));
    setAttribute(age, "title", gettext("since %(time)s", { time: dateTime(row.connected_at, true) }));
    setText(messages, count(row.message_count));
    fillBytes(received, row.bytes_received);
    fillBytes(sent, row.bytes_sent);
    setText(latency, row.average_latency_ms > 0 ? milliseconds(row.average_latency_ms) : UNKNOWN);
    setText(p95, tenths(row.p95_latency_ms));
    setText(fps, row.hidden ? gettext("hidden") : number(row.fps, 0));
    setAttribute(fps, "title", drawing(row));
    setText(node, row.node);
}

function fillName(cell, name) {
    setText(cell.firstElementChild, name ? plainText(name) : UNKNOWN);
    setAttribute(cell, "title", name ? plainText(name) : "");
}

function fillBadge(cell, kind, text, title) {
    const badge = cell.firstElementChild;
    setAttribute(badge, "class", `badge badge--${kind}`);
    setAttribute(badge, "title", title);
    setText(badge, text);
}

function fillBytes(cell, value) {
    setText(cell, bytes(value));
    setAttribute(cell, "title", isKnown(value) ? ngettext("%(count)s byte", "%(count)s bytes", value, { count: count(value) }) : "");
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
