// How close a value is to its threshold, and how alerts are sorted and counted. Pure.

const NEAR_SHARE = 0.8;

export const BANDS = {
    unknown: { text: "not known", icon: "unknown" },
    normal: { text: "normal", icon: "ok" },
    warning: { text: "near limit", icon: "near" },
    firing: { text: "alert firing", icon: "alert" },
    breach: { text: "over limit", icon: "alert" },
};

/** "breach" above the threshold, "warning" from 80 % of it, "normal" below, "unknown" without a value. */
export function band(value, threshold) {
    if (typeof value !== "number") return "unknown";
    if (typeof threshold !== "number") return "normal";
    if (value > threshold) return "breach";
    return value >= threshold * NEAR_SHARE ? "warning" : "normal";
}

/** As `band`, but "firing" if the value is below the threshold again while its alert still fires. */
export function bandWhileFiring(value, threshold, isFiring) {
    const own = band(value, threshold);
    return isFiring && (own === "normal" || own === "warning") ? "firing" : own;
}

export function warningCount(alerts) {
    return alerts.filter((alert) => alert.severity === "warning").length;
}

/** Warnings first, then the newest. */
export function bySeverity(alerts) {
    const weight = (alert) => (alert.severity === "warning" ? 0 : 1);
    return [...alerts].sort((a, b) => weight(a) - weight(b) || b.timestamp - a.timestamp);
}
