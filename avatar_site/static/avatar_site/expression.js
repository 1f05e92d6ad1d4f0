// The expressions of an avatar, as numbers that can be blended. Pure.

/**
 * brow: lift 0..1 and tilt -1 (sad) .. 1 (cross); eyes: how open, and wink, how closed the right one is; smile -1..1; round: how
 * round the mouth opens. The names are those of avatar_site/expressions.py, which the simulators send.
 */
export const EXPRESSIONS = {
    neutral: { lift: 0.3, tilt: 0, eyes: 1, wink: 0, smile: 0.35, round: 0, open: 0 },
    happy: { lift: 0.5, tilt: 0, eyes: 0.9, wink: 0, smile: 1, round: 0, open: 0.45 },
    laughing: { lift: 0.75, tilt: 0, eyes: 0.08, wink: 0, smile: 1, round: 0, open: 0.9 },
    winking: { lift: 0.55, tilt: 0, eyes: 1, wink: 1, smile: 0.9, round: 0, open: 0.15 },
    surprised: { lift: 1, tilt: 0, eyes: 1.25, wink: 0, smile: 0, round: 1, open: 0.75 },
    sad: { lift: 0.4, tilt: -1, eyes: 0.85, wink: 0, smile: -0.8, round: 0, open: 0 },
    cross: { lift: 0, tilt: 1, eyes: 0.8, wink: 0, smile: -0.45, round: 0, open: 0 },
    sleepy: { lift: 0.05, tilt: -0.35, eyes: 0.28, wink: 0, smile: 0.1, round: 0.5, open: 0.12 },
};

export function isExpression(name) {
    return typeof name === "string" && Object.hasOwn(EXPRESSIONS, name);
}

/** The mood after `share` (0 to 1) of the way to an expression. */
export function blended(mood, name, share) {
    const target = EXPRESSIONS[name];
    return Object.fromEntries(Object.keys(target).map((key) => [key, mood[key] + (target[key] - mood[key]) * share]));
}
