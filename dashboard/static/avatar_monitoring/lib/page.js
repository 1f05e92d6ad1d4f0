// What every page has: theme, keyboard shortcuts, help, menus, local times, copy buttons.

import "./attention.js";
import { gettext } from "./translate.js";
import { startCopyLinks } from "./copy_link.js";
import { onKey, startKeyboard } from "./keyboard.js";
import { startFocusKeeper } from "./focus_keeper.js";
import { followZone, tellFromPage } from "./time.js";
import { startDesktopButton } from "./desktop.js";
import { startTheme } from "./theme.js";
import { startTour } from "./tour.js";
import { startZoneButton, toggleZone } from "./zone.js";

const toggleTheme = startTheme(document.getElementById("theme-button"));
const help = document.getElementById("help-dialog");
const openHelp = () => help.showModal();

document.getElementById("help-button").addEventListener("click", openHelp);
onKey("d", toggleTheme);
onKey("u", toggleZone);
onKey("f", toggleFullScreen, () => document.fullscreenEnabled);
onKey("?", openHelp);
for (const link of document.querySelectorAll("[data-go]")) onKey(`g ${link.dataset.go}`, () => location.assign(link.href));
startKeyboard();
startFocusKeeper();
startPopovers();
startCopyLinks();
startDesktopButton(document.getElementById("desktop-button"));
tellFromPage();
startZoneButton(document.getElementById("zone-button"));
followZone();
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

startTour();

function toggleFullScreen() {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    done.catch((error) => console.info("The browser does not show the page in full screen:", error.name));
}

for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy), button));
}

async function copy(source, button) {
    try {
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = gettext("Copied");
    } catch {
        // Without HTTPS a page may not write to the clipboard. With the text selected, the reader only has to press Ctrl+C.
        getSelection().selectAllChildren(source);
        button.textContent = gettext("Selected");
    }
    setTimeout(() => { button.textContent = gettext("Copy"); }, 2000);
}

/** Menus are <details> elements: one is open at a time, and a click elsewhere or Esc closes it. */
function startPopovers() {
    const popovers = [...document.querySelectorAll("details.popover")];
    for (const popover of popovers) {
        popover.addEventListener("toggle", () => {
            if (popover.open) closeOthers(popovers, popover);
        });
        popover.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" || !popover.open) return;
            event.preventDefault();
            popover.open = false;
            popover.querySelector("summary").focus();
        });
    }
    document.addEventListener("pointerdown", ({ target }) => closeOthers(popovers, target.closest?.("details.popover")));
}

function closeOthers(popovers, kept) {
    for (const popover of popovers) {
        if (popover !== kept) popover.open = false;
    }
}
