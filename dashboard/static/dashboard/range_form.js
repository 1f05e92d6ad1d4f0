// The form for a range of one's own: people type their own time, the address carries UTC.

import { stamp } from "./zoom.js";

const HOUR = 3600;

/** What a datetime-local field holds for a moment, in the reader's zone. */
export function fieldValue(epochSeconds, withSeconds) {
    const moment = new Date(epochSeconds * 1000);
    const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
    return shifted.toISOString().slice(0, withSeconds ? 19 : 16);
}

/** The query's value for what such a field holds; a field that is not filled stays empty. */
export function fieldToUTC(value) {
    return value ? stamp(Math.floor(new Date(value).getTime() / 1000)) : "";
}

/** The reader's zone at a moment: "UTC", "UTC+9", "UTC-3:30". */
export function zoneAt(epochSeconds) {
    const offset = -new Date(epochSeconds * 1000).getTimezoneOffset();
    if (offset === 0) return "UTC";
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
    return `UTC${offset < 0 ? "-" : "+"}${hours}${minutes ? `:${String(minutes).padStart(2, "0")}` : ""}`;
}

/** What is wrong with a range of two fields, "" when nothing is; a field that is not filled says so itself. */
export function rangeFault(from, to, now) {
    if (!from || !to) return "";
    if (new Date(from).getTime() >= now) return "It must begin before now.";
    return from < to ? "" : "The end must be after the beginning.";
}

/** Fills the form, which the server wrote in UTC, with the reader's own time. */
export function startRangeForm(form, { start, end }) {
    const withSeconds = end - start < HOUR;
    for (const [name, moment] of Object.entries({ from: start, to: end })) {
        const field = form.elements.namedItem(name);
        field.value = fieldValue(moment, withSeconds);
        form.querySelector(`[data-zone="${name}"]`).textContent = zoneAt(moment);
    }
    const check = () => {
        const [from, to] = ["from", "to"].map((name) => form.elements.namedItem(name));
        to.setCustomValidity(rangeFault(from.value, to.value, Date.now()));
    };
    form.addEventListener("input", check);
    form.addEventListener("formdata", ({ formData }) => {
        for (const name of ["from", "to"]) formData.set(name, fieldToUTC(formData.get(name)));
    });
}
