// How an avatar stands and looks: {x, y} 0..1 of the stage, gaze -1..1, blink, mouth 0..1. Pure.

const SMALLEST_CHANGE = 0.004;
const LIMITS = { x: [0, 1], y: [0, 1], gaze_x: [-1, 1], gaze_y: [-1, 1], mouth: [0, 1] };
const AT_REST = { gaze_x: 0, gaze_y: 0, mouth: 0 };

export function clamp(value, low, high) {
    return Math.min(high, Math.max(low, value));
}

/** Reads a pose that somebody else sent: missing or invalid fields keep their value, others are clamped. */
export function readPose(message, before) {
    const pose = { ...before, blink: message.blink === true };
    for (const [key, [low, high]] of Object.entries(LIMITS)) {
        if (Number.isFinite(message[key])) pose[key] = clamp(message[key], low, high);
    }
    return pose;
}

/** Whether others could see the difference between two poses. */
export function changed(before, now) {
    if (before === null || before.blink !== now.blink) return true;
    return Object.keys(LIMITS).some((key) => Math.abs(before[key] - now[key]) > SMALLEST_CHANGE);
}

export function mixed(from, to, share) {
    const pose = { blink: to.blink };
    for (const key of Object.keys(LIMITS)) pose[key] = from[key] + (to[key] - from[key]) * share;
    return pose;
}

/** Rounds to three digits, which are more than a screen can show. */
export function rounded(pose) {
    return Object.fromEntries(Object.entries(pose).map(([key, value]) => [key, typeof value === "number" ? Math.round(value * 1000) / 1000 : value]));
}

/** The pose of an avatar that has not sent one yet: the same on everybody's stage. */
export function firstPose(clientId) {
    return { ...AT_REST, blink: false, x: 0.14 + 0.72 * share(clientId, 7), y: 0.32 + 0.34 * share(clientId, 31) };
}

export function hueOf(clientId) {
    return Math.round(share(clientId, 131) * 359);
}

/** A number from 0 to 1, computed from the text. */
function share(text, seed) {
    let hash = seed;
    for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 2654435761) >>> 0;
    hash ^= hash >>> 15;
    return (Math.imul(hash, 2246822519) >>> 0) / 2 ** 32;
}
