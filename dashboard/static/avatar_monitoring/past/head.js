// The heading, note, page title and address that show a moment of the past, so that nobody takes it for the present.

import { clockTime, date, dateTime, duration, echo } from "../lib/format.js";
import { setAttribute, setText } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { pageTitle } from "../lib/title.js";
import { isSameDay } from "../lib/zone.js";
import { stamp } from "../lib/time.js";

const ADDRESS_EVERY_MS = 1000;
const byId = (id) => document.getElementById(id);

export class PastHead {
    constructor(trendsURL) {
        this.trendsURL = trendsURL;
        this.siteName = document.title.split(" · ").at(-1);
        this.addressAt = -Infinity;
        keepHeightOf(document.querySelector(".topbar"));
    }

    /** `what` describes the shown moment: `{at, now, tier, isLoaded, isKnown, isWhole, isComplete, hasEnded, isPlaying, failure}`. */
    show(what) {
        const { at, now, tier } = what;
        document.body.toggleAttribute("data-past", true);
        setText(byId("live-title"), headingText(at, now, tier));
        setText(byId("past-moment"), date(at));
        pageTitle.name(titleText(at, now, tier, this.siteName));
        this.#note(what);
        this.#address(at, what.isPlaying);
    }

    leave() {
        document.body.toggleAttribute("data-past", false);
        setText(byId("live-title"), gettext("Live"));
        pageTitle.name();
        setText(byId("past-moment"), "");
        byId("past-note").hidden = true;
        this.#address(null, false);
    }

    /** Shows a text below the heading, for example what is wrong with the address. */
    complain(text) {
        const note = byId("past-note");
        note.hidden = text === "";
        setText(byId("past-note-text"), text);
        byId("past-trends").hidden = true;
    }

    #note(what) {
        this.complain(noteText(what));
        const link = byId("past-trends");
        link.hidden = what.tier !== "minute";
        setAttribute(link, "href", trendsAround(this.trendsURL, what.at, what.now));
        setText(link, gettext("Trends around %(moment)s", { moment: momentText(what.at, what.now, "minute") }));
    }

    // Browsers allow about three changes of the address per second.
    #address(at, isPlaying) {
        const now = performance.now();
        if (isPlaying && now - this.addressAt < ADDRESS_EVERY_MS) return;
        this.addressAt = now;
        const search = searchWith(location.search, at);
        if (search !== location.search) history.replaceState(history.state, "", `${location.pathname}${search}${location.hash}`);
    }
}

/** Elements that stick below the top bar need its height, which is one line or two. */
function keepHeightOf(topbar) {
    const keep = () => document.documentElement.style.setProperty("--topbar", `${topbar.offsetHeight}px`);
    new ResizeObserver(keep).observe(topbar);
    keep();
}

const DETAILED_SECONDS = 600;

/** "22 s ago", "3 min 20 s ago", "12 min ago", "1 h 12 min ago". */
export function ago(seconds) {
    const isLongish = seconds >= DETAILED_SECONDS && seconds < 3600;
    return gettext("%(time)s ago", { time: duration(isLongish ? Math.floor(seconds / 60) * 60 : seconds) });
}

/** The shown moment: with the date if it is not today, without seconds in the tier "minute". */
function momentText(at, now, tier) {
    const withSeconds = tier !== "minute";
    return isSameDay(at, now) ? clockTime(at, withSeconds) : dateTime(at, withSeconds);
}

export function headingText(at, now, tier) {
    const facts = { moment: momentText(at, now, tier), ago: ago(now - at) };
    return tier === "minute" ? gettext("You are looking at the minute %(moment)s, %(ago)s", facts) : gettext("You are looking at %(moment)s, %(ago)s", facts);
}

/** The page's title; `name` is the name of the site. */
export function titleText(at, now, tier, name) {
    return gettext("At %(moment)s, %(ago)s · %(site)s", { moment: momentText(at, now, tier), ago: ago(now - at), site: name });
}

/** A note about the shown moment; empty if there is nothing to say. */
export function noteText({ tier, isLoaded, isKnown, isWhole = true, isComplete = true, hasEnded, failure }) {
    if (failure) return gettext("Part of this moment could not be loaded: %(reason)s", { reason: failure });
    if (!isLoaded) return gettext("Loading this moment …");
    if (!isKnown) return tier === "minute" ? gettext("Nothing was stored for this minute.") : gettext("Nothing was measured in this second.");
    if (tier === "minute") return gettext("Only whole minutes are kept from this time. The numbers are those of the minute.");
    if (!isWhole) return gettext("Loading alerts and clients …");
    if (!isComplete) return gettext("Clients or alerts may be missing: part of the journal is not stored yet.");
    return hasEnded ? gettext("This is the newest second that can be shown.") : "";
}

const PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const AROUND_SECONDS = 1800;

/** `{at}` in UTC epoch seconds, null if the address has no moment; `{at: null, error}` for one that cannot be shown. */
export function momentOf(search, now) {
    const text = new URLSearchParams(search).get("at");
    if (text === null) return { at: null };
    // A plus sign that was not encoded was read as a space.
    const at = PATTERN.test(text.replace(" ", "+")) ? Math.floor(Date.parse(text.replace(" ", "+")) / 1000) : NaN;
    if (!(at >= 0)) return { at: null, error: gettext("at=%(text)s is not a moment. Write it like %(example)s", { text: echo(text), example: stamp(Math.floor(now)) }) };
    return at > now ? { at: null, error: gettext("at=%(text)s is in the future. This is the live page.", { text: echo(text) }) } : { at };
}

/** The query string with this moment, or without one for null. */
export function searchWith(search, at) {
    const query = new URLSearchParams(search);
    if (at === null) query.delete("at");
    else query.set("at", stamp(at));
    const text = query.toString().replaceAll("%3A", ":");
    return text ? `?${text}` : "";
}

/** The address of the trends of the hour around a moment. */
export function trendsAround(url, at, now) {
    const end = Math.min(Math.floor(now), at + AROUND_SECONDS);
    return `${url}?from=${stamp(end - 2 * AROUND_SECONDS)}&to=${stamp(end)}`;
}
