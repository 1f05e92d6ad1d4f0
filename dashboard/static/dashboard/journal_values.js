// What a frame says of the way to the journal. Pure.

import { bytes, clockTime, count, duration } from "./format.js";

/** A failed append that is made good at once is nobody's worry. */
const PATIENCE_SECONDS = 3;

const CAUSES = {
    redis: "Redis is away.",
    room: "The journal has no room, because it is not being stored.",
    database: "The database is away, which knows the name of the site's journal.",
};

/** `{key: text}` of the facts about the journal; null where there is none. */
export function journalFacts({ server: { journal } }) {
    if (!journal) return null;
    return { journal: stateText(journal), dropped: count(journal.dropped), set_aside: count(journal.set_aside) };
}

function stateText({ backlog, spilled, spilled_bytes, lag_seconds }) {
    const places = [
        ...(spilled ? [`${batches(spilled)} on disk (${bytes(spilled_bytes)})`] : []),
        ...(backlog ? [`${batches(backlog)} in memory`] : []),
    ];
    return places.length ? `${places.join(", ")}, the oldest for ${duration(lag_seconds)}` : "takes everything";
}

const batches = (number) => `${count(number)} ${number === 1 ? "batch" : "batches"}`;

/** Why history is not where it belongs, and what becomes of it; empty when it is. */
export function keptText({ timestamp, server: { journal } }) {
    if (!journal?.waits_for || timestamp - journal.since < PATIENCE_SECONDS) return "";
    const cause = CAUSES[journal.waits_for];
    const since = `since ${clockTime(journal.since)}`;
    if (journal.on_disk) return `${cause} History is being kept on disk ${since}, and follows when it is taken again.`;
    return `${cause} History is being kept in memory ${since}: an hour of it at most, and a restart loses it.`;
}
