// The zone that times are shown in: the reader's own, or UTC. Each browser remembers its choice, also for the admin.

import { forGood } from "./browser_store.js";
import { gettext, gettext_noop } from "./translate.js";

const KEY = "avatar_zone";
const UTC = "utc";
const LOCAL = "local";
const listeners = new Set();
// A screen on a wall has it in its address.
let shown = named(globalThis.document?.documentElement.dataset.zone) ?? named(forGood.read(KEY)) ?? LOCAL;

export function isUTC() {
    return shown === UTC;
}

/** Calls back when the zone has changed and times must be written again. */
export function onZoneChange(listener) {
    listeners.add(listener);
}

/** Whether this browser's reader has chosen a zone, here or in another tab. */
export function isZoneChosen() {
    return named(forGood.read(KEY)) !== null;
}

/** "utc" or "local". `keep` is false for a choice that is not to outlive the page. */
export function showZone(zone, keep = true) {
    if (keep) forGood.write(KEY, zone);
    if (zone === shown) return;
    shown = zone;
    for (const listener of listeners) listener();
}

export function toggleZone() {
    showZone(isUTC() ? LOCAL : UTC);
}

const optionsInUTC = new WeakMap();

/** Intl's options that write times in the shown zone; the same object each time. */
export function inZone(options) {
    if (!isUTC()) return options;
    if (!optionsInUTC.has(options)) optionsInUTC.set(options, { ...options, timeZone: "UTC" });
    return optionsInUTC.get(options);
}

/** The shown zone at a moment: "UTC", "UTC+9", "UTC-3:30". */
export function zoneAt(epochSeconds) {
    return isUTC() ? "UTC" : localZoneAt(epochSeconds);
}

export function localZoneAt(epochSeconds) {
    const offset = -new Date(epochSeconds * 1000).getTimezoneOffset();
    if (offset === 0) return "UTC";
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
    return `UTC${offset < 0 ? "-" : "+"}${hours}${minutes ? `:${String(minutes).padStart(2, "0")}` : ""}`;
}

/** `{year, month, day, hour, minute}` of a moment, with months from 0; by default in the shown zone. */
export function partsOf(epochSeconds, inUTC = isUTC()) {
    const moment = new Date(epochSeconds * 1000);
    const read = (name) => moment[`get${inUTC ? "UTC" : ""}${name}`]();
    return { year: read("FullYear"), month: read("Month"), day: read("Date"), hour: read("Hours"), minute: read("Minutes") };
}

/** Whether two moments are on the same day of the shown zone. */
export function isSameDay(one, other) {
    const [a, b] = [partsOf(one), partsOf(other)];
    return a.day === b.day && a.month === b.month && a.year === b.year;
}

/** The value of a datetime-local field for a moment, in the shown zone. */
export function fieldValue(epochSeconds, withSeconds) {
    const moment = new Date(epochSeconds * 1000);
    const offset = isUTC() ? 0 : moment.getTimezoneOffset() * 60_000;
    return new Date(moment.getTime() - offset).toISOString().slice(0, withSeconds ? 19 : 16);
}

/** A field's value as UTC epoch seconds; NaN if it is empty. */
export function fieldMoment(text) {
    return new Date(text && isUTC() ? `${text}Z` : text).getTime() / 1000;
}

const TITLES = {
    utc: gettext_noop("Times are in UTC. Show your own zone, %(zone)s (u)"),
    local: gettext_noop("Times are in your own zone, %(zone)s. Show UTC (u)"),
};

/** A button that says which zone is shown, and shows the other one. `titles` are its texts in the page's language. */
export function startZoneButton(button, titles = TITLES) {
    const show = () => {
        const local = localZoneAt(Date.now() / 1000);
        // Where the reader's own zone is like UTC, the button still says which of the two it is, and its name contains what it says.
        const zone = local === "UTC" ? "UTC+0" : local;
        button.textContent = isUTC() ? "UTC" : zone;
        button.title = gettext(titles[shown], { zone });
        button.setAttribute("aria-label", button.title);
    };
    button.hidden = false;
    button.addEventListener("click", toggleZone);
    onZoneChange(show);
    show();
}

function named(zone) {
    return zone === UTC || zone === LOCAL ? zone : null;
}

// Another tab has changed it.
globalThis.addEventListener?.("storage", ({ key, newValue }) => {
    if (key === KEY && named(newValue)) showZone(newValue, false);
});
