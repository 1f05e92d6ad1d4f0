// One tooltip for many elements: shows the text in `data-tip` of what is pointed at or focused, above everything else.

import { element, setText } from "./element.js";

const GAP = 6;

export class Tip {
    /** Follows the pointer and the focus inside `root`. Escape hides it. */
    constructor(root) {
        this.box = element("div", { class: "tip", id: `${root.id}-tip`, role: "tooltip", popover: "manual" });
        document.body.append(this.box);
        for (const type of ["pointerover", "focusin"]) root.addEventListener(type, ({ target }) => this.#show(target.closest("[data-tip]")));
        for (const type of ["pointerleave", "focusout"]) root.addEventListener(type, () => this.#show(null));
        root.addEventListener("scroll", () => this.#show(null), true);
        document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#show(null));
    }

    /** What it is about may have changed, or have gone. */
    refresh() {
        if (this.target) this.#show(this.target.isConnected ? this.target : null);
    }

    #show(target) {
        const text = target?.dataset.tip;
        this.target?.removeAttribute("aria-describedby");
        this.target = text ? target : null;
        if (!text) {
            if (this.box.matches(":popover-open")) this.box.hidePopover();
            return;
        }
        setText(this.box, text);
        target.setAttribute("aria-describedby", this.box.id);
        if (!this.box.matches(":popover-open")) this.box.showPopover();
        this.#place(target.getBoundingClientRect());
    }

    #place({ left, top, bottom }) {
        const { width, height } = this.box.getBoundingClientRect();
        const below = bottom + GAP + height <= innerHeight;
        this.box.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
        this.box.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - height)}px`;
    }
}
