// What an alert says to a person: built from metric, present value and threshold, as `alert_words.py` does for stored ones. Pure.

import { compact, count, duration, isKnown, limit, number, percentText, plainText, secondsText, UNKNOWN } from "./format.js";
import { gettext, gettext_noop, ngettext } from "./translate.js";

const STALE = "stale_client_seconds";
const EXACT_BELOW_SECONDS = 10;
const LABELS = {
    cpu_percent: gettext_noop("CPU"),
    memory_percent: gettext_noop("Memory"),
    latency_ms: gettext_noop("Latency"),
    [STALE]: gettext_noop("Silent clients"),
    journal_lag_seconds: gettext_noop("Journal lag"),
    store_lag_seconds: gettext_noop("Storage lag"),
    clock_skew_seconds: gettext_noop("Clock skew"),
    evictable_percent: gettext_noop("Evictable Redis memory"),
    loop_lag_ms: gettext_noop("Event loop lag"),
    node_gone: gettext_noop("Node gone"),
    fps: gettext_noop("Frame rate"),
    coverage_percent: gettext_noop("Coverage"),
    verdict_fine_percent: gettext_noop("Share of clients that are fine"),
    verdict_network_percent: gettext_noop("Share of clients with a slow network"),
    verdict_not_reading_percent: gettext_noop("Share of clients that do not read"),
    verdict_client_busy_percent: gettext_noop("Share of clients whose page is busy"),
    verdict_hidden_percent: gettext_noop("Share of clients with a hidden tab"),
    verdict_server_loop_percent: gettext_noop("Share of clients that a busy server delays"),
    verdict_server_handler_percent: gettext_noop("Share of clients with a slow handler"),
    verdict_unknown_percent: gettext_noop("Share of clients of which nothing is known"),
};

export function labelOf(rule, metric = rule) {
    const known = LABELS[rule] ?? LABELS[metric];
    if (known) return gettext(known);
    const words = rule.replace(/_(percent|seconds|ms)$/, "").replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value of a metric with its unit. */
export function amount(metric, value) {
    if (!isKnown(value)) return UNKNOWN;
    if (metric.endsWith("_percent")) return percentText(short(number(value)));
    if (metric.endsWith("_ms")) return `${short(compact(value))} ms`;
    if (!metric.endsWith("_seconds")) return limit(value);
    return value < EXACT_BELOW_SECONDS ? secondsText(short(number(value))) : duration(value);
}

const short = (text) => text.replace(/\.0$/, "");

/** A limit of a metric with all its digits and its unit, as `amounts.py` writes it. */
export function limitOf(metric, value) {
    if (metric.endsWith("_percent")) return percentText(limit(value));
    if (metric.endsWith("_ms")) return `${limit(value)} ms`;
    if (!metric.endsWith("_seconds")) return limit(value);
    const smaller = value >= 86_400 ? 3_600 : value >= 3_600 ? 60 : 1;
    return value >= 0 && value % smaller === 0 ? duration(value) : secondsText(limit(value));
}

/** One sentence about an alert in a frame: what is wrong with what, how much, and where the limit is. */
export function textOf(alert) {
    const { metric, rule = metric, peak, value, threshold } = alert;
    const now = alert.current ?? peak ?? value;
    const facts = { label: labelOf(rule, metric), subject: plainText(alert.subject), value: amount(metric, now), limit: limitOf(metric, threshold) };
    if (alert.grouped) return textOfMany(alert, facts);
    // A rule of the project has words of its own.
    if (!(metric in LABELS) || (rule !== metric && !(rule in LABELS))) return plainText(alert.message);
    if (metric === "node_gone") return gettext("Node %(subject)s is gone: it has not been heard, and did not say that it stops", facts);
    if (metric === STALE) return gettext("Client %(subject)s has sent nothing for %(value)s", facts);
    if (isKnown(peak) && peak < threshold) return gettext("%(label)s of %(subject)s is %(value)s, the limit is at least %(limit)s", facts);
    return gettext("%(label)s of %(subject)s is %(value)s, the limit is %(limit)s", facts);
}

function textOfMany({ metric, count: many = 0 }, facts) {
    const told = { ...facts, count: count(many) };
    if (metric === STALE) return ngettext("%(count)s client of %(subject)s has sent nothing for too long", "%(count)s clients of %(subject)s have sent nothing for too long", many, told);
    return ngettext("%(label)s: %(count)s client of %(subject)s is beyond the limit", "%(label)s: %(count)s clients of %(subject)s are beyond the limit", many, told);
}

/** "now 28.8 % · peak 97.1 % · for 9 min"; for the past only the peak of the episode is known. */
export function standing(alert, now, isPast = false) {
    const words = alert.grouped ? count : (value) => amount(alert.metric, value);
    const said = isPast ? [] : [gettext("now %(value)s", { value: words(alert.current) })];
    if (isKnown(alert.peak)) said.push(gettext("peak %(value)s", { value: words(alert.peak) }));
    return [...said, gettext("for %(time)s", { time: duration(now - (alert.since ?? alert.timestamp)) })].join(" · ");
}
