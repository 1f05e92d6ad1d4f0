// The alerts page: what is active stays fresh, older episodes are loaded while the reader scrolls, and alerts are answered.

import { OlderRows } from "./older.js";
import { onKey } from "../lib/keyboard.js";
import { RefreshedPart } from "./refreshed.js";
import { startAnswers } from "./answers.js";
import { startZonedFields } from "../lib/zoned_fields.js";

const EVERY_MS_WHILE_FIRING = 5_000;
const EVERY_MS = 10_000;

const older = new OlderRows();
const part = new RefreshedPart("alerts", {
    every: () => (document.querySelector(".alert-item") ? EVERY_MS_WHILE_FIRING : EVERY_MS),
    keep: (fresh) => older.keep(fresh),
});
startAnswers({ onDone: () => part.refresh() });
startZonedFields(document.getElementById("filter"));
onKey("/", () => document.getElementById("alert-search").focus());
