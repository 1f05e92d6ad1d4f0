// What a verdict says to a person: its words, its meaning, and the numbers that speak for it. Pure.

import { bytes, count, isKnown, milliseconds, number } from "./format.js";
import { gettext } from "./translate.js";

/** In the order in which lists show them; `dashboard/verdict_texts.py` has the same words. */
const WORDS = {
    fine: "fine",
    network: "slow network",
    not_reading: "does not read",
    client_busy: "page is busy",
    server_loop: "server busy",
    server_handler: "slow handler",
    hidden: "tab hidden",
    unknown: "not known",
};
const MEANINGS = {
    fine: "Nothing is slow.",
    network: "The way to the client is slow or loses data.",
    not_reading: "The client does not read what it is sent.",
    client_busy: "The client's main thread or its GPU is slow.",
    server_loop: "Something holds up the server's event loop.",
    server_handler: "The consumer takes long for the client's messages.",
    hidden: "The client's tab is hidden, so it does not draw.",
    unknown: "Too little was measured to say.",
};
const BEHIND_NEXT_HOP = "TCP's own way is short: the time passes beyond the next hop, such as a proxy, or in the client.";
const BADGES = { fine: "live", network: "slow", not_reading: "slow", client_busy: "slow", server_loop: "warning", server_handler: "warning" };
const SURE = { low: "a guess", medium: "probable", high: "sure" };

/** The servers round evidence to a tenth of a millisecond. */
const roundTrip = (value) => (value < 0.05 ? gettext("under 0.1 ms") : milliseconds(value));
const plain = (value) => count(Math.round(value));
const SIGNALS = {
    ping_ms: ["round trip %(value)s", roundTrip],
    unanswered_ms: ["a ping without an answer for %(value)s", milliseconds],
    kernel_rtt_ms: ["TCP round trip %(value)s", roundTrip],
    kernel_min_rtt_ms: ["TCP's shortest round trip %(value)s", roundTrip],
    retransmits: ["%(value)s segments sent again", plain],
    not_read_ms: ["receive window full for %(value)s", milliseconds],
    unsent_kernel_bytes: ["%(value)s unsent in the kernel", bytes],
    unsent_bytes: ["%(value)s unsent here", bytes],
    silent_ms: ["silent for %(value)s", milliseconds],
    wait_ms: ["a message waited %(value)s", milliseconds],
    handler_ms: ["the consumer took %(value)s", milliseconds],
    loop_lag_ms: ["event loop late by %(value)s", milliseconds],
    pauses: ["reading paused %(value)s times", plain],
    refused_messages: ["%(value)s messages refused", plain],
    fps: ["%(value)s FPS", (value) => number(value, 0)],
    frame_time_ms: ["%(value)s a frame", milliseconds],
    slow_frames_percent: ["%(value)s % of frames slow", (value) => number(value, 0)],
    refresh_hz: ["display at %(value)s Hz", (value) => number(value, 0)],
};

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
        .map(([name, value]) => gettext(SIGNALS[name][0], { value: SIGNALS[name][1](value) }))
        .join(", ");
}

/** All of it in one text: "The way to the client is slow or loses data. Probable: round trip 427 ms." */
export function whyText({ verdict, evidence, sure }) {
    const numbers = evidenceText(evidence);
    if (!numbers) return verdictMeaning(verdict);
    const how = gettext(SURE[sure] ?? SURE.low);
    const where = verdict === "network" && isBehindNextHop(evidence) ? ` ${gettext(BEHIND_NEXT_HOP)}` : "";
    return `${verdictMeaning(verdict)} ${how.charAt(0).toUpperCase()}${how.slice(1)}: ${numbers}.${where}`.trim();
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
