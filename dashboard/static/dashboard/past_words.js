// What the page says of the shown moment, so that nobody takes it for the present. Pure.

import { clockTime, dateTime, duration } from "./format.js";

const DETAILED_SECONDS = 600;

/** "22 s ago", "3 min 20 s ago", "12 min ago", "1 h 12 min ago". */
export function ago(seconds) {
    const isLongish = seconds >= DETAILED_SECONDS && seconds < 3600;
    return `${duration(isLongish ? Math.floor(seconds / 60) * 60 : seconds)} ago`;
}

/** The shown moment in the reader's own time: with its day when that is not today's, to the minute in the tier "minute". */
export function momentText(at, now, tier) {
    const withSeconds = tier !== "minute";
    const isToday = new Date(at * 1000).toDateString() === new Date(now * 1000).toDateString();
    return isToday ? clockTime(at, withSeconds) : dateTime(at, withSeconds);
}

export function headingText(at, now, tier) {
    const what = tier === "minute" ? "the minute " : "";
    return `You are looking at ${what}${momentText(at, now, tier)}, ${ago(now - at)}`;
}

/** The page's title; `name` is what stands behind the page's own name. */
export function titleText(at, now, tier, name) {
    return `At ${momentText(at, now, tier)}, ${ago(now - at)} · ${name}`;
}

/** "05:03:22 UTC", with its day where that is not the reader's. */
export function utcText(at) {
    const [day, time] = new Date(at * 1000).toISOString().split("T");
    const local = new Date(at * 1000);
    const isSameDay = local.getDate() === local.getUTCDate();
    return `${isSameDay ? "" : `${day} `}${time.slice(0, 8)} UTC`;
}

/** What is to be known about the shown moment besides its numbers; empty when there is nothing. */
export function noteText({ tier, isLoaded, isKnown, isWhole = true, isComplete = true, hasEnded, failure }) {
    if (failure) return `This moment could not be fetched whole: ${failure}`;
    if (!isLoaded) return "Fetching this moment …";
    if (!isKnown) return tier === "minute" ? "Nothing was stored for this minute." : "Nothing is known of this second.";
    if (tier === "minute") return "Of this time only whole minutes are kept: the numbers are this minute's.";
    if (!isWhole) return "Fetching alerts and clients …";
    if (!isComplete) return "Clients or alerts may be missing here: the journal waits to be stored.";
    return hasEnded ? "This is the newest second that can be shown." : "";
}
