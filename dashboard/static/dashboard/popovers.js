// Menus made of <details>: one is open at a time, and a click beside it or Esc closes it.

export function startPopovers() {
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
