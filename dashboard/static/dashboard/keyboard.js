// One-key shortcuts that never take a key away from a field, a button or the browser.

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, [role=button]";
const SCROLLING = ".scroller";
const actions = new Map();

/** `action(event)` is called while `when()` holds; else the key stays the browser's. */
export function onKey(key, action, when = () => true) {
    actions.set(key, { action, when });
}

export function startKeyboard(target = document) {
    target.addEventListener("keydown", (event) => {
        const known = actions.get(event.key);
        if (!known?.when() || isTaken(event)) return;
        event.preventDefault();
        known.action(event);
    });
}

function isTaken(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
    const target = event.target instanceof Element ? event.target : document.body;
    if (document.querySelector("dialog[open]") || target.closest(TYPING)) return true;
    if (event.key.startsWith("Arrow") && target.closest(SCROLLING)) return true;
    // A button that was clicked has the focus too, but who clicked it does not mean it any more.
    return event.key === " " && target.closest(PRESSABLE)?.matches(":focus-visible") === true;
}
