// The panel "Cost of monitoring", and the notices above the cards: the interval is stretched, history waits.

import { band } from "../lib/severity.js";
import { bytes, clockTime, compact, count, duration, exactBytes, limit, number, percentText, scaledBytes, secondsText } from "../lib/format.js";
import { gettext, gettext_noop, ngettext } from "../lib/translate.js";
import { setAttribute, setText } from "../lib/element.js";

export class CostPanel {
    constructor(root, notice, wanted) {
        const byId = (id) => document.getElementById(id);
        Object.assign(this, { root, notice, wanted, keptNotice: byId("kept"), journal: byId("journal") });
    }

    show(frame) {
        showNotice(this.notice, stretchedText(frame, this.wanted));
        showNotice(this.keptNotice, keptText(frame));
        this.root.hidden = !frame.server.monitor;
        if (this.root.hidden) return;
        for (const [key, { text, unit, note, title = "", band = "normal" }] of Object.entries(costValues(frame, this.wanted))) {
            const cell = this.root.querySelector(`[data-cost="${key}"]`);
            setText(cell.querySelector(".figure__number"), text);
            setText(cell.querySelector(".figure__unit"), unit);
            setText(cell.querySelector(".cost__note"), note);
            setAttribute(cell.querySelector(".figure"), "title", title);
            setAttribute(cell, "data-band", band);
        }
        for (const [key, text] of Object.entries(guardValues(frame))) {
            setText(this.root.querySelector(`[data-guard="${key}"]`), text);
        }
        const facts = journalFacts(frame);
        this.journal.hidden = facts === null;
        for (const [key, text] of Object.entries(facts ?? {})) setText(this.journal.querySelector(`[data-journal="${key}"]`), text);
    }
}

function showNotice(notice, text) {
    notice.hidden = text === "";
    setText(notice, text);
}

/** `{key: {text, unit, note, title, band}}` for the cost of monitoring; `wanted` is the configured interval in seconds. */
export function costValues({ server: { monitor }, interval }, wanted) {
    const sent = scaledBytes(monitor.bytes_broadcast);
    return {
        cpu: { text: small(monitor.cpu_ms), unit: "ms", note: gettext("last tick") },
        share: {
            text: small(monitor.cpu_percent),
            unit: "%",
            note: gettext("of a core, budget %(share)s", { share: percentText(limit(monitor.budget_percent)) }),
            band: band(monitor.cpu_percent, monitor.budget_percent),
        },
        sent: { ...sent, title: exactBytes(monitor.bytes_broadcast), note: gettext("to viewers, last tick") },
        tickLag: { text: compact(monitor.tick_lag_ms), unit: "ms", note: gettext("late") },
        loopLag: { text: compact(monitor.loop_lag_ms), unit: "ms", note: gettext("longest since last tick") },
        interval: {
            text: limit(interval),
            unit: gettext("s"),
            note: interval > wanted ? gettext("instead of %(time)s", { time: secondsText(limit(wanted)) }) : gettext("as configured"),
            band: interval > wanted ? "warning" : "normal",
        },
    };
}

const small = (value) => (value > 0 && value < 1 ? number(value, value < 0.1 ? 3 : 2) : compact(value));

/** `{key: text}` for the counters of messages and connections that were held back to protect the server. */
export function guardValues({ server }) {
    const counts = Object.fromEntries(["paused_reads", "closed_slow", "refused_messages", "skipped_frames"].map((key) => [key, count(server[key])]));
    return { ...counts, refused: refusedText(server.refused ?? {}) };
}

/** The servers' names for why a connection was refused, as `REFUSALS` in monitoring/core/wire/link.py lists them. */
const REFUSALS = {
    origin: gettext_noop("origin"),
    name: gettext_noop("name"),
    ticket: gettext_noop("ticket"),
    in_use: gettext_noop("in use"),
    not_signed_in: gettext_noop("not signed in"),
    not_allowed: gettext_noop("not allowed"),
    address: gettext_noop("address"),
    connections: gettext_noop("connections"),
    descriptors: gettext_noop("descriptors"),
    slow: gettext_noop("slow"),
    body: gettext_noop("body"),
    application: gettext_noop("application"),
};

/** How many connections were refused, and why, the most frequent cause first. */
function refusedText(refused) {
    const causes = Object.entries(refused).sort(([, one], [, other]) => other - one);
    const total = causes.reduce((sum, [, times]) => sum + times, 0);
    const parts = causes.map(([cause, times]) => `${REFUSALS[cause] ? gettext(REFUSALS[cause]) : cause.replaceAll("_", " ")} ${count(times)}`);
    return parts.length ? `${count(total)} (${parts.join(", ")})` : "0";
}

/** Why numbers come less often than configured; empty if they do not. */
export function stretchedText({ stretched, interval, server: { monitor } }, wanted) {
    if (stretched) {
        return gettext("Measuring every %(interval)s instead of every %(wanted)s: monitoring took more than its CPU budget.", { interval: secondsText(limit(interval)), wanted: secondsText(limit(wanted)) });
    }
    if (monitor?.stretched) return gettext("A node measures only every %(interval)s: monitoring took more than its CPU budget there.", { interval: secondsText(limit(monitor.interval)) });
    return "";
}

/** A failed append that soon succeeds is not worth a notice. */
const PATIENCE_SECONDS = 3;

const CAUSES = {
    redis: gettext_noop("Redis does not answer."),
    room: gettext_noop("The journal is full, because nothing stores it."),
    database: gettext_noop("The database, which knows the name of the site's journal, does not answer."),
};

/** `{key: text}` for the state of the journal; null if there is none. */
export function journalFacts({ server: { journal } }) {
    if (!journal) return null;
    return { journal: stateText(journal), dropped: count(journal.dropped), set_aside: count(journal.set_aside) };
}

function stateText({ backlog, spilled, spilled_bytes, lag_seconds }) {
    const places = [
        ...(spilled ? [ngettext("%(count)s batch on disk (%(size)s)", "%(count)s batches on disk (%(size)s)", spilled, { count: count(spilled), size: bytes(spilled_bytes) })] : []),
        ...(backlog ? [ngettext("%(count)s batch in memory", "%(count)s batches in memory", backlog, { count: count(backlog) })] : []),
    ];
    return places.length ? gettext("%(places)s, the oldest for %(time)s", { places: places.join(", "), time: duration(lag_seconds) }) : gettext("up to date");
}

/** Why history cannot be stored now, and where it is kept meanwhile; empty if it is stored. */
export function keptText({ timestamp, server: { journal } }) {
    if (!journal?.waits_for || timestamp - journal.since < PATIENCE_SECONDS) return "";
    const facts = { cause: gettext(CAUSES[journal.waits_for] ?? ""), time: clockTime(journal.since) };
    if (journal.on_disk) return gettext("%(cause)s History has been kept on disk since %(time)s and will be stored later.", facts).trim();
    return gettext("%(cause)s History has been kept in memory since %(time)s: one hour at most, and a restart loses it.", facts).trim();
}
