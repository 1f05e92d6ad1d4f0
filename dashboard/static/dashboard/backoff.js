// How long to wait before the next try to connect. Pure.

const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 30;
const JITTER_SHARE = 0.3;

/** Seconds before try number `attempt` (from 0): 1, 2, 4 … 30, up to 30 % less, so that viewers do not return as one. */
export function backoffSeconds(attempt, random = Math.random) {
    const full = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** attempt);
    return full * (1 - JITTER_SHARE * random());
}
