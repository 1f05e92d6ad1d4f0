// On a screen on a wall, a page that says why nothing can be shown gives way as soon as something can.

import { answers } from "./watch.js";

const EVERY_MS = 15_000;

async function look() {
    if (await answers(location.href)) location.reload();
    else setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
