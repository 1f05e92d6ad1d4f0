// Many links with one place in the order of Tab: arrows lead from one to the next.

const STEPS = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" };

/** Moves the focus, and the place for Tab, among the children of `root`. */
export function rove(root) {
    root.addEventListener("keydown", (event) => {
        if (!(event.key in STEPS) || event.target.parentElement !== root) return;
        event.preventDefault();
        const link = event.target[STEPS[event.key]];
        if (!link) return;
        event.target.setAttribute("tabindex", "-1");
        link.setAttribute("tabindex", "0");
        link.focus();
    });
}
