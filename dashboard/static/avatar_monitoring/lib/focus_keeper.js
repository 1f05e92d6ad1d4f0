// Whoever uses a page by its keys never loses the place: where what has the focus is hidden, disabled or taken away, such as a
// button that did its work or a row that is gone, what comes next gets the focus.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";

export function startFocusKeeper(page = document) {
    let place = null;
    // Who clicks with a mouse has no place to lose, and on a phone a field would open the keyboard.
    let isByKeys = true;
    page.addEventListener("keydown", () => { isByKeys = true; }, true);
    page.addEventListener("pointerdown", () => { isByKeys = false; }, true);
    page.addEventListener("focusin", ({ target }) => { place = placeOf(target); });
    page.addEventListener("focusout", ({ target, relatedTarget }) => {
        const lost = place;
        // A dialog that closes gives the focus back itself, and a list that is renewed may find it again.
        if (!isByKeys || relatedTarget !== null || lost?.node !== target || target.closest("dialog")) return;
        requestAnimationFrame(() => isLost(page, target) && nextTo(lost)?.focus());
    });
}

const isUsable = (node) => node.isConnected && !node.disabled && node.checkVisibility({ visibilityProperty: true });
const focusableIn = (root) => [...root.querySelectorAll(FOCUSABLE)].filter(isUsable);

function isLost(page, node) {
    return (page.activeElement ?? page.body) === page.body && !isUsable(node);
}

/** What is around a node, the nearest first, and which one of all in there it is. */
function placeOf(node) {
    const around = [];
    for (let parent = node.parentElement; parent && parent.localName !== "body"; parent = parent.parentElement) {
        around.push({ parent, index: focusableIn(parent).indexOf(node) });
    }
    return { node, around };
}

function nextTo({ node, around }) {
    for (const { parent, index } of around.filter(({ parent: one }) => one.isConnected && one.checkVisibility())) {
        const all = focusableIn(parent);
        const next = node.isConnected ? all.find((one) => node.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) : all[index];
        if (all.length) return next ?? all.at(-1);
    }
    return document.getElementById("main");
}
