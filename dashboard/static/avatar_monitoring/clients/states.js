// In which states a client is, and what they are called. Pure.

import { gettext, gettext_noop } from "../lib/translate.js";

const WORDS = {
    live: gettext_noop("active"),
    idle: gettext_noop("idle"),
    stale: gettext_noop("stale"),
    slow: gettext_noop("slow"),
    low_fps: gettext_noop("low FPS"),
    noisy: gettext_noop("noisy"),
};
const BADGES = { live: "live", idle: "idle", stale: "stale", slow: "slow", low_fps: "slow", noisy: "slow" };

/** In the order in which the chips show them. */
export const STATES = Object.keys(WORDS);

/** A state of another release as it is. */
export function stateText(state) {
    return gettext(WORDS[state] ?? state.replaceAll("_", " "));
}

export function stateBadge(state) {
    return BADGES[state] ?? "stale";
}

/** The states worth a badge, the worst first: that a client is active goes without saying if something else is said. */
export function shownStates(row, now, thresholds) {
    const states = row.states ?? [judgedHere(row, now, thresholds)];
    const worth = states.filter((state) => state !== "live");
    return worth.length ? worth : ["live"];
}

/** Nodes of older releases do not say: "stale" beats "slow" beats "live". */
function judgedHere(row, now, thresholds) {
    const silent = now - (row.last_message_time || row.connected_at);
    if (silent > thresholds.stale_client_seconds) return "stale";
    return row.average_latency_ms > thresholds.latency_ms ? "slow" : "live";
}
