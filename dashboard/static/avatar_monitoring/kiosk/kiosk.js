// A page on a screen on a wall: nobody touches it, and it comes back by itself.

import { answers, SAYINGS, ScreenWatch } from "./watch.js";
import { element, readJSON, setText } from "../lib/element.js";
import { forThisTab } from "../lib/browser_store.js";
import { gettext } from "../lib/translate.js";

const POINTER_MS = 3_000;
const LONGEST_WAIT_MS = 10_000;
const KEY = "avatar_kiosk_reloaded";

const config = readJSON("kiosk-config");
const root = document.documentElement;

hidePointer();
keepAwake();
stayHere();
new ScreenWatch({ config, ask, probe: (url) => answers(url ?? location.href), go, isLive, onSay: say, lastReload }).start();

async function ask() {
    try {
        const answer = await fetch(config.state_url, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(LONGEST_WAIT_MS) });
        return { status: answer.status, release: answer.ok ? (await answer.json()).release : null };
    } catch {
        return null;
    }
}

/** Never, as far as this tab knows. */
function lastReload() {
    const kept = Number(forThisTab.read(KEY) ?? NaN);
    return Number.isFinite(kept) ? kept : -Infinity;
}

function go(url) {
    if (url !== null) {
        location.replace(url);
        return;
    }
    forThisTab.write(KEY, String(Date.now()));
    location.reload();
}

/** Pages without a live connection have their numbers as long as they are shown. */
function isLive() {
    const connection = document.getElementById("connection");
    return !connection || connection.dataset.state === "live";
}

function say(saying) {
    const text = {
        [SAYINGS.fine]: "",
        [SAYINGS.away]: gettext("The server does not answer. This screen comes back by itself."),
        [SAYINGS.barred]: gettext("This screen may no longer watch. It comes back by itself as soon as it may."),
    }[saying];
    const known = document.getElementById("kiosk-note");
    if (!text) known?.remove();
    else if (known) setText(known, text);
    else document.body.prepend(element("p", { class: "banner", id: "kiosk-note", "data-state": "stopped", role: "status", text }));
}

/** The pointer, and the way out, are seen only while somebody moves it. */
function hidePointer() {
    let timer;
    const rest = () => { root.dataset.pointer = "resting"; };
    document.addEventListener("pointermove", () => {
        delete root.dataset.pointer;
        clearTimeout(timer);
        timer = setTimeout(rest, POINTER_MS);
    });
    rest();
}

/** Asks the display to stay on, where a browser can; it lets go of that whenever the tab is hidden. */
function keepAwake() {
    const request = () => document.hidden || navigator.wakeLock?.request("screen").catch((error) => console.info("The display may switch itself off:", error.name));
    document.addEventListener("visibilitychange", request);
    request();
}

/** A touch on a link would leave for a page that nobody brings the screen back from. */
function stayHere() {
    document.addEventListener("click", (event) => {
        if (event.target.closest?.("a:not(#kiosk-leave)")) event.preventDefault();
    }, true);
}
