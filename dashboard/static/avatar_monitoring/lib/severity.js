// How close a value is to its threshold, and how alerts are sorted and counted. Pure.

const NEAR_SHARE = 0.8;

export const BANDS = {
    unknown: { text: "not known", icon: "unknown" },
    unlimited: { text: "", icon: "unknown" },
    normal: { text: "normal", icon: "ok" },
    warning: { text: "near limit", icon: "near" },
    firing: { text: "alert firing", icon: "alert" },
    breach: { text: "over limit", icon: "alert" },
};

/** The most severe first; each with its icon. A severity that is not known is as bad as can be. */
export const SEVERITIES = { critical: "critical", warning: "alert", info: "info" };
const RANKS = Object.keys(SEVERITIES);

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

/** The most severe first, and of one severity the newest. */
export function bySeverity(alerts) {
    return [...alerts].sort((a, b) => severityRank(a.severity) - severityRank(b.severity) || b.timestamp - a.timestamp);
}
