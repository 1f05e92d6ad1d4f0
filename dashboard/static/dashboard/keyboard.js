// One-key shortcuts that never take a key away from a field, a button or the browser.

const TYPING = "input, textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, [role=button]";
const actions = new Map();

export function onKey(key, action) {
    actions.set(key, action);
}

export function startKeyboard(target = document) {
    target.addEventListener("keydown", (event) => {
        const action = actions.get(event.key);
        if (!action || isTaken(event)) return;
        event.preventDefault();
        action();
    });
}

function isTaken(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
    const target = event.target instanceof Element ? event.target : document.body;
    if (document.querySelector("dialog[open]") || target.closest(TYPING)) return true;
    return event.key === " " && target.closest(PRESSABLE) !== null;
}
