// The form for a custom range. Readers type times of the shown zone; the address has UTC.

import { choicesNow } from "../charts/chart_choices.js";
import { fieldMoment, fieldValue, onZoneChange, zoneAt } from "../lib/zone.js";
import { gettext } from "../lib/translate.js";
import { serverClock, stamp } from "../lib/time.js";

const HOUR = 3600;

/** The zones to show after a range's two times; both, if the zone changes between them. The times are in the shown zone even if
 * the range is `inDays`, which are UTC days. */
export function zonesOf(start, end, inDays) {
    const [first, last] = [zoneAt(start), zoneAt(end)];
    const isInOtherDays = inDays && !(first === "UTC" && last === "UTC");
    return [first === last ? "" : first, isInOtherDays ? gettext("%(zone)s, in days of UTC", { zone: last }) : last];
}

/** A field's value in UTC epoch seconds; NaN if it is empty. A field that was not changed has exactly the moment that it was
 * filled with: when clocks go back, its text alone could mean either of two hours. */
export function momentIn(value, filled) {
    return filled && value === filled.value ? filled.moment : fieldMoment(value);
}

/** The moments of both fields. An end within the hour that is repeated when clocks go back is the one after the start. */
export function momentsIn({ from, to }, filled = {}) {
    const start = momentIn(from, filled.from);
    const end = momentIn(to, filled.to);
    const later = end + HOUR;
    const isTwice = end <= start && later > start && fieldValue(later, to.length > 16) === to;
    return { from: start, to: isTwice ? later : end };
}

/** What is wrong with a range, "" if nothing is. The browser itself complains about an empty field. */
export function rangeFault({ from, to }, now) {
    if (Number.isNaN(from) || Number.isNaN(to)) return "";
    if (from >= now) return gettext("The start must be in the past.");
    return from < to ? "" : gettext("The end must be after the start.");
}

/** Fills the form, which the server rendered in UTC, with times of the shown zone. */
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
    const fill = (given) => {
        for (const [name, moment] of Object.entries(given)) {
            field(name).value = Number.isNaN(moment) ? "" : fieldValue(moment, withSeconds);
            // A browser may normalize the value.
            filled[name] = { value: field(name).value, moment };
        }
        showZones();
    };
    let read = { from: start, to: end };
    fill(read);
    onZoneChange(() => fill(read));
    form.addEventListener("input", () => {
        read = moments();
        field("to").setCustomValidity(rangeFault(moments(), serverClock.now));
        showZones();
    });
    form.addEventListener("formdata", ({ formData }) => {
        for (const [name, value] of choicesNow()) formData.set(name, value);
        for (const [name, moment] of Object.entries(moments())) formData.set(name, Number.isNaN(moment) ? "" : stamp(Math.floor(moment)));
    });
}
