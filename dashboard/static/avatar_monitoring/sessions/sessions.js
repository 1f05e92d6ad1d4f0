// The page of sessions: its filter is a form and links; the search has a key.

import { onKey } from "../lib/keyboard.js";
import { startZonedFields } from "../lib/zoned_fields.js";

onKey("/", () => document.getElementById("session-search").focus());

startZonedFields(document.getElementById("filter"));

// Empty fields would only make the address longer.
document.getElementById("filter").addEventListener("submit", ({ currentTarget: form }) => {
    for (const field of form.elements) field.disabled = field.value === "" && field.name !== "";
    addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; }, { once: true });
});
