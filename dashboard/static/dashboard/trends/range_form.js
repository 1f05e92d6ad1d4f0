// The form for a range of one's own: people type their own time, the address carries UTC.

import { fieldValue, serverClock, stamp } from "../lib/time.js";

const HOUR = 3600;

/** The reader's zone at a moment: "UTC", "UTC+9", "UTC-3:30". */
export function zoneAt(epochSeconds) {
    const offset = -new Date(epochSeconds * 1000).getTimezoneOffset();
    if (offset === 0) return "UTC";
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
    return `UTC${offset < 0 ? "-" : "+"}${hours}${minutes ? `:${String(minutes).padStart(2, "0")}` : ""}`;
}

/** What to write behind a range's two times: a zone that changed between them stands behind both. The times are the
 * reader's own even where `inDays`, of which each is a whole one of UTC. */
export function zonesOf(start, end, inDays) {
    const [first, last] = [zoneAt(start), zoneAt(end)];
    const days = inDays && !(first === "UTC" && last === "UTC") ? ", in days of UTC" : "";
    return [first === last ? "" : first, last + days];
}

/** What a field holds as UTC epoch seconds. One that was filled with a moment and not changed is that very moment: on a
 * night that has an hour twice, its text could be either. NaN while it is not filled. */
export function momentIn(value, filled) {
    return filled && value === filled.value ? filled.moment : new Date(value).getTime() / 1000;
}

/** The two fields' moments. Where the end is typed within an hour that there is twice, it is the one after the beginning. */
export function momentsIn({ from, to }, filled = {}) {
    const start = momentIn(from, filled.from);
    const end = momentIn(to, filled.to);
    const later = end + HOUR;
    const isTwice = end <= start && later > start && fieldValue(later, to.length > 16) === to;
    return { from: start, to: isTwice ? later : end };
}

/** What is wrong with a range of two moments, "" when nothing is; a field that is not filled says so itself. */
export function rangeFault({ from, to }, now) {
    if (Number.isNaN(from) || Number.isNaN(to)) return "";
    if (from >= now) return "It must begin before now.";
    return from < to ? "" : "The end must be after the beginning.";
}

/** Fills the form, which the server wrote in UTC, with the reader's own time. */
export function startRangeForm(form, { start, end }) {
    const withSeconds = end - start < HOUR;
    const filled = {};
    const field = (name) => form.elements.namedItem(name);
    const moments = () => momentsIn({ from: field("from").value, to: field("to").value }, filled);
    const showZones = () => {
        for (const [name, moment] of Object.entries(moments())) {
            if (!Number.isNaN(moment)) form.querySelector(`[data-zone="${name}"]`).textContent = zoneAt(moment);
        }
    };
    for (const [name, moment] of Object.entries({ from: start, to: end })) {
        field(name).value = fieldValue(moment, withSeconds);
        // A browser may write it in another way than it was given.
        filled[name] = { value: field(name).value, moment };
    }
    showZones();
    form.addEventListener("input", () => {
        field("to").setCustomValidity(rangeFault(moments(), serverClock.now));
        showZones();
    });
    form.addEventListener("formdata", ({ formData }) => {
        for (const [name, moment] of Object.entries(moments())) formData.set(name, Number.isNaN(moment) ? "" : stamp(Math.floor(moment)));
    });
}
