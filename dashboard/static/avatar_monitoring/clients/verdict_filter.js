// The chips above the clients' table: how many clients have which verdict, and a filter by one of them.

import { count } from "../lib/format.js";
import { element, setAttribute, setText, sized } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { verdictCounts } from "../lib/verdicts.js";

export class VerdictFilter {
    /** `onChoose` is called with a verdict, or with "" for all. */
    constructor(root, onChoose) {
        this.root = root;
        root?.addEventListener("click", ({ target }) => {
            const chip = target.closest("button");
            if (chip) onChoose(chip.getAttribute("aria-pressed") === "true" ? "" : chip.value);
        });
    }

    /** `counts` of all clients by verdict; a node of an older release counts none, and the past knows none. */
    show(counts, wanted) {
        if (!this.root) return;
        const chips = verdictCounts(counts, wanted);
        this.root.hidden = chips.length === 0;
        if (this.root.hidden) return;
        const total = chips.reduce((sum, chip) => sum + chip.count, 0);
        const shown = [{ verdict: "", text: gettext("all"), count: total }, ...chips];
        const buttons = sized(this.root, shown.length, () => element("button", { type: "button", class: "chip" }, element("span"), element("span", { class: "chip__count" })));
        shown.forEach((chip, index) => {
            const button = buttons[index];
            setAttribute(button, "value", chip.verdict);
            setAttribute(button, "aria-pressed", String(chip.verdict === (wanted ?? "")));
            setText(button.firstElementChild, chip.text);
            setText(button.lastElementChild, count(chip.count));
        });
    }
}
