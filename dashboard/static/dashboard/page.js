// What every page has: theme, keyboard, help, local times, copy buttons.

import { onKey, startKeyboard } from "./keyboard.js";
import { showLocalTimes } from "./local_times.js";
import { tellFromPage } from "./server_clock.js";
import { startTheme } from "./theme.js";

const toggleTheme = startTheme(document.getElementById("theme-button"));
const help = document.getElementById("help-dialog");
const openHelp = () => help.showModal();

document.getElementById("help-button").addEventListener("click", openHelp);
onKey("d", toggleTheme);
onKey("?", openHelp);
startKeyboard();
tellFromPage();
showLocalTimes();
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy), button));
}

async function copy(source, button) {
    try {
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = "Copied";
    } catch {
        // Without https a page may not write the clipboard: selecting the text leaves one key press to the reader.
        getSelection().selectAllChildren(source);
        button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
}
