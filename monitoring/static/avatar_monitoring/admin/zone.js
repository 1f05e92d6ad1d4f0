// The admin's times in the zone that the reader has chosen, here or on the pages. Without this script they are in UTC.

import { followZone } from "../lib/time.js";
import { onKey, startKeyboard } from "../lib/keyboard.js";
import { startZoneButton, toggleZone } from "../lib/zone.js";

const texts = document.querySelector("script[data-zone-utc]").dataset;

/** The button is in the line of links at the top, beside the theme's. */
function addButton(line) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "zone-toggle";
    line.insertBefore(button, line.querySelector(".theme-toggle"));
    startZoneButton(button, { utc: texts.zoneUtc, local: texts.zoneLocal });
}

const line = document.getElementById("user-tools");
if (line) {
    addButton(line);
    onKey("u", toggleZone);
    startKeyboard();
}
followZone();
