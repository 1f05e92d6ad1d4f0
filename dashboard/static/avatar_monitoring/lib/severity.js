// How close a value is to its threshold, and how alerts are sorted and counted. Pure.

import { gettext, gettext_noop } from "./translate.js";

const NEAR_SHARE = 0.8;

export const BANDS = {
    unknown: { text: gettext_noop("not known"), icon: "unknown" },
    unlimited: { text: gettext_noop("no limit"), icon: "unknown" },
    normal: { text: gettext_noop("normal"), icon: "ok" },
    warning: { text: gettext_noop("near limit"), icon: "near" },
    firing: { text: gettext_noop("alert firing"), icon: "alert" },
    breach: { text: gettext_noop("over limit"), icon: "alert" },
};

/** The most severe first; each with its icon. A severity that is not known is as bad as can be. */
export const SEVERITIES = { critical: "critical", warning: "alert", info: "info" };
const RANKS = Object.keys(SEVERITIES);
const NAMES = { critical: gettext_noop("critical"), warning: gettext_noop("warning"), info: gettext_noop("info") };

/** Its name for people. */
export function severityText(severity) {
    return Object.hasOwn(NAMES, severity) ? gettext(NAMES[severity]) : severity;
}

export function severityRank(severity) {
    return Math.max(0, RANKS.indexOf(severity));
}

export function severityIcon(severity) {
    return SEVERITIES[severity] ?? "critical";
}

/**
 * "breach" above the threshold, "warning" from 80 % of it, "normal" below, "unknown" without a value; "unlimited" without a
 * threshold, by which nobody can say whether a value is normal.
 */
export function band(value, threshold) {
    if (typeof value !== "number") return "unknown";
    if (typeof threshold !== "number") return "unlimited";
    if (value > threshold) return "breach";
    return value >= threshold * NEAR_SHARE ? "warning" : "normal";
}

/** As `band`, but "firing" if the value is below the threshold again while its alert still fires. */
export function bandWhileFiring(value, threshold, isFiring) {
    const own = band(value, threshold);
    return isFiring && !["unknown", "breach"].includes(own) ? "firing" : own;
}
