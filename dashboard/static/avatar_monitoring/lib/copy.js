// Copies text to the clipboard, also where a page may not write to it by itself, as without HTTPS.

import { element } from "./element.js";
import { gettext } from "./translate.js";

const SAID_MS = 2000;

/** Copies the text. Where the browser refuses, the text is shown selected, so that the reader only has to press Ctrl+C. */
export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copySelected(text) || showSelected(text);
    }
}

/** Copies `read()` when the button is pressed, and says so in its label or, of an icon, in its title. */
export function startCopying(button, read) {
    const label = button.querySelector("[data-label]") ?? (button.firstElementChild ? null : button);
    const [text, title] = [label?.textContent ?? "", button.title];
    button.addEventListener("click", async () => {
        if (!(await copyText(read()))) return;
        const said = gettext("Copied");
        if (label) label.textContent = said;
        button.title = said;
        button.toggleAttribute("data-copied", true);
        setTimeout(() => {
            if (label) label.textContent = text;
            button.title = title;
            button.toggleAttribute("data-copied", false);
        }, SAID_MS);
    });
}

/** The way of older browsers, which asks for no right: copies what is selected. */
function copySelected(text) {
    const field = element("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
    const focused = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    const isDone = document.execCommand?.("copy") ?? false;
    field.remove();
    focused?.focus({ preventScroll: true });
    return isDone;
}

function showSelected(text) {
    const field = element("textarea", { class: "copy-text", readonly: true, rows: "4", "aria-label": gettext("Text to copy") });
    field.value = text;
    const close = element("button", { class: "button", text: gettext("Close") });
    const told = element("p", { text: gettext("This browser does not let the page copy. Press Ctrl+C.") });
    const dialog = element("dialog", { class: "dialog", "aria-label": gettext("Copy") }, element("form", { method: "dialog" }, told, field, close));
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    field.select();
    return false;
}
