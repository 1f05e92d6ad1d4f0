// Shortcuts of single keys, and of two keys one after the other. They never take a key from a field, a button or the browser.

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, [role=button]";
const SCROLLING = ".scroller";
const CHANGING = ["Shift", "Control", "Alt", "Meta"];
const FOLLOWS_MS = 1_500;
const actions = new Map();
let clicked = null;
const handled = new Set();

/** Calls `action(event)` on the key, or on the second of two such as "g c", while `when()` is true; otherwise the key keeps its usual effect. */
export function onKey(key, action, when = () => true) {
    actions.set(key, { action, when });
}

/** `now()` is the time in ms: the second of two keys has to follow soon. */
export function startKeyboard(target = document, now = () => performance.now()) {
    let first = null;
    target.addEventListener("pointerdown", ({ target: pressed }) => (clicked = pressableAround(pressed)));
    // If the focus moves elsewhere, by Tab or by a script, the reader means the focused element.
    target.addEventListener("focusin", ({ target: focused }) => {
        if (focused !== clicked) clicked = null;
    });
    target.addEventListener("keydown", (event) => {
        // A key that only changes others, such as Shift, comes between no two.
        if (CHANGING.includes(event.key)) return;
        const pair = first && now() - first.at <= FOLLOWS_MS ? `${first.key} ${event.key}` : "";
        first = null;
        if (isTaken(event)) return;
        if (beginsPair(event.key) && !actions.get(pair)?.when()) first = { key: event.key, at: now() };
        const known = [actions.get(pair), actions.get(event.key)].find((one) => one?.when());
        if (!known) return;
        event.preventDefault();
        handled.add(event.key);
        known.action(event);
    });
    // Firefox presses a button when Space is released.
    target.addEventListener("keyup", (event) => handled.delete(event.key) && event.preventDefault());
}

function beginsPair(key) {
    return [...actions.keys()].some((keys) => keys.startsWith(`${key} `) && keys.length > 2);
}

function isTaken(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
    const target = event.target instanceof Element ? event.target : document.body;
    if (document.querySelector("dialog[open]") || target.closest(TYPING)) return true;
    if (event.key.startsWith("Arrow") && target.closest(SCROLLING)) return true;
    // A clicked button keeps the focus, although the reader is done with it. :focus-visible does not help: with the first
    // key that is pressed, every focus becomes visible.
    const pressable = pressableAround(target);
    return event.key === " " && pressable !== null && pressable !== clicked;
}

function pressableAround(target) {
    return target instanceof Element ? target.closest(PRESSABLE) : null;
}
