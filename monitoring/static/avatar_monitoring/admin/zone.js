// The admin's times in the zone that the reader has chosen, here or on the pages. Until then, and without this script,
// they are in UTC. Each names its zone, and has a date that sorts.

import { onKey, startKeyboard } from "../lib/keyboard.js";
import { isZoneChosen, onZoneChange, partsOf, showZone, startZoneButton, toggleZone, zoneAt } from "../lib/zone.js";

const texts = document.querySelector("script[data-zone-utc]").dataset;

/** The button is in the line of links at the top, beside the theme's. */
function addButton(line) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "zone-toggle";
    line.insertBefore(button, line.querySelector(".theme-toggle"));
    startZoneButton(button, { utc: texts.zoneUtc, local: texts.zoneLocal });
}

function two(number) {
    return String(number).padStart(2, "0");
}

/** Like the text that the server writes, "2026-11-23 14:05:00 UTC". */
function timeText(seconds) {
    const { year, month, day, hour, minute } = partsOf(seconds);
    const second = new Date(seconds * 1000).getUTCSeconds();
    return `${year}-${two(month + 1)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)} ${zoneAt(seconds)}`;
}

function show() {
    for (const time of document.querySelectorAll("time[data-local]")) {
        time.title = time.dateTime;
        time.textContent = timeText(Date.parse(time.dateTime) / 1000);
    }
}

if (!isZoneChosen()) showZone("utc", false);
const line = document.getElementById("user-tools");
if (line) {
    addButton(line);
    onKey("u", toggleZone);
    startKeyboard();
}
onZoneChange(show);
show();
