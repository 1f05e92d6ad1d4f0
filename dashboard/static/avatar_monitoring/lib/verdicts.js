// What a verdict says to a person: its words, its meaning, and the numbers that speak for it. Pure.

import { bytes, count, isKnown, milliseconds, number, percentText } from "./format.js";
import { gettext, gettext_noop, ngettext } from "./translate.js";

/** In the order in which lists show them; `dashboard/verdict_texts.py` has the same words. */
const WORDS = {
    fine: gettext_noop("fine"),
    network: gettext_noop("slow network"),
    not_reading: gettext_noop("does not read"),
    client_busy: gettext_noop("page is busy"),
    server_loop: gettext_noop("server busy"),
    server_handler: gettext_noop("slow handler"),
    hidden: gettext_noop("tab hidden"),
    unknown: gettext_noop("not known"),
};
const MEANINGS = {
    fine: gettext_noop("Nothing is slow."),
    network: gettext_noop("The way to the client is slow or loses data."),
    not_reading: gettext_noop("The client does not read what it is sent."),
    client_busy: gettext_noop("The client's main thread or its GPU is slow."),
    server_loop: gettext_noop("Something holds up the server's event loop."),
    server_handler: gettext_noop("The consumer takes long for the client's messages."),
    hidden: gettext_noop("The client's tab is hidden, so it does not draw."),
    unknown: gettext_noop("Too little was measured to say."),
};
const BEHIND_NEXT_HOP = gettext_noop("TCP's own way is short: the time passes beyond the next hop, such as a proxy, or in the client.");
const BADGES = { fine: "live", network: "slow", not_reading: "slow", client_busy: "slow", server_loop: "warning", server_handler: "warning" };
const SURE = { low: gettext_noop("A guess: %(numbers)s."), medium: gettext_noop("Probable: %(numbers)s."), high: gettext_noop("Sure: %(numbers)s.") };

/** The servers round evidence to a tenth of a millisecond. */
const roundTrip = (value) => (value < 0.05 ? gettext("under 0.1 ms") : milliseconds(value));
const plain = (value) => count(Math.round(value));
const whole = (value) => number(value, 0);
const SIGNALS = {
    ping_ms: (value) => gettext("round trip %(value)s", { value: roundTrip(value) }),
    unanswered_ms: (value) => gettext("a ping without an answer for %(value)s", { value: milliseconds(value) }),
    kernel_rtt_ms: (value) => gettext("TCP round trip %(value)s", { value: roundTrip(value) }),
    kernel_min_rtt_ms: (value) => gettext("TCP's shortest round trip %(value)s", { value: roundTrip(value) }),
    retransmits: (value) => ngettext("%(count)s segment sent again", "%(count)s segments sent again", Math.round(value), { count: plain(value) }),
    not_read_ms: (value) => gettext("receive window full for %(value)s", { value: milliseconds(value) }),
    unsent_kernel_bytes: (value) => gettext("%(value)s unsent in the kernel", { value: bytes(value) }),
    unsent_bytes: (value) => gettext("%(value)s unsent here", { value: bytes(value) }),
    silent_ms: (value) => gettext("silent for %(value)s", { value: milliseconds(value) }),
    wait_ms: (value) => gettext("a message waited %(value)s", { value: milliseconds(value) }),
    handler_ms: (value) => gettext("the consumer took %(value)s", { value: milliseconds(value) }),
    loop_lag_ms: (value) => gettext("event loop late by %(value)s", { value: milliseconds(value) }),
    pauses: (value) => ngettext("reading paused once", "reading paused %(count)s times", Math.round(value), { count: plain(value) }),
    refused_messages: (value) => ngettext("%(count)s message refused", "%(count)s messages refused", Math.round(value), { count: plain(value) }),
    fps: (value) => gettext("%(value)s FPS", { value: whole(value) }),
    frame_time_ms: (value) => gettext("%(time)s a frame", { time: milliseconds(value) }),
    slow_frames_percent: (value) => gettext("%(share)s of frames slow", { share: percentText(whole(value)) }),
    refresh_hz: (value) => gettext("display at %(value)s Hz", { value: whole(value) }),
};

/** All that there are. */
export const VERDICTS = Object.keys(WORDS);

/** Of these, none is not worth a word. */
const COUNTS = ["retransmits", "pauses", "refused_messages"];
const FAR_BEHIND = 4;

/** "slow network"; a verdict of another release as it is, and without one "not known". */
export function verdictText(verdict) {
    return gettext(WORDS[verdict] ?? (verdict ? verdict.replaceAll("_", " ") : WORDS.unknown));
}

/** What it means, as a sentence; empty for a verdict of another release. */
export function verdictMeaning(verdict) {
    const meaning = MEANINGS[verdict ?? "unknown"];
    return meaning ? gettext(meaning) : "";
}

/** The kind of its badge. */
export function verdictBadge(verdict) {
    return BADGES[verdict] ?? "stale";
}

/** The numbers that speak for it: "round trip 427 ms, TCP round trip 0.2 ms". */
export function evidenceText(evidence) {
    return Object.entries(evidence ?? {})
        .filter(([name, value]) => name in SIGNALS && isKnown(value) && !(value === 0 && COUNTS.includes(name)))
        .map(([name, value]) => SIGNALS[name](value))
        .join(", ");
}

/** All of it in one text: "The way to the client is slow or loses data. Probable: round trip 427 ms." */
export function whyText({ verdict, evidence, sure }) {
    const numbers = evidenceText(evidence);
    if (!numbers) return verdictMeaning(verdict);
    const where = verdict === "network" && isBehindNextHop(evidence) ? gettext(BEHIND_NEXT_HOP) : "";
    return [verdictMeaning(verdict), gettext(SURE[sure] ?? SURE.low, { numbers }), where].filter(Boolean).join(" ");
}

/** TCP ends at the next hop, so a much longer round trip passes its time somewhere else. */
function isBehindNextHop({ ping_ms: ping, unanswered_ms: unanswered, kernel_rtt_ms: kernel, retransmits }) {
    const longest = Math.max(ping ?? 0, unanswered ?? 0);
    return isKnown(kernel) && !retransmits && longest > 0 && kernel * FAR_BEHIND < longest;
}

/** The verdicts of a frame that any client has, and the wanted one, as `{verdict, text, count}`, in a fixed order. */
export function verdictCounts(counts, wanted) {
    const known = Object.keys(WORDS);
    const others = Object.keys(counts ?? {}).filter((verdict) => !known.includes(verdict));
    return [...known, ...others]
        .filter((verdict) => counts?.[verdict] > 0 || verdict === wanted)
        .map((verdict) => ({ verdict, text: verdictText(verdict), count: counts?.[verdict] ?? 0 }));
}
