// The mark of a spike that a chart's scale cuts off: says how high it is, and shows all of it on request.

import { element, setAttribute, setText } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { isChosen, keepChoice, onChoice } from "./chart_choices.js";
import { peakOf, peakOfBars } from "./peak.js";
import { placeOf } from "./plot_place.js";

export class PeakButton {
    /**
     * `onTurn()` is called when the reader wants to see the whole peak, or no longer, which is in the address by the chart's
     * `key`. `onDraw` of the plot must place it. Of bars, which are `barSeconds` wide, `describe(row)` says the parts.
     */
    constructor(holder, { key, format, barSeconds = 0, describe, onTurn }) {
        Object.assign(this, { format, barSeconds, describe, peak: null, isWhole: isChosen("whole", key), width: 0 });
        this.button = element("button", { type: "button", class: "plot__peak", hidden: true, "aria-pressed": "false" });
        this.button.addEventListener("click", () => {
            this.isWhole = !this.isWhole;
            keepChoice("whole", key, this.isWhole);
            onTurn();
        });
        onChoice("whole", key, (isWhole) => {
            if (isWhole === this.isWhole) return;
            this.isWhole = isWhole;
            onTurn();
        });
        holder.append(this.button);
    }

    /** Where the scale has to end for these columns; undefined if nothing is cut off. */
    topOf(columns) {
        this.peak = this.barSeconds ? peakOfBars(columns) : peakOf(columns);
        return this.isWhole ? undefined : this.peak?.top;
    }

    get isCut() {
        return this.peak !== null && !this.isWhole;
    }

    /** Puts the button where the peak is. */
    place(plot) {
        const { button, peak, isWhole } = this;
        if (peak === null) {
            button.hidden = true;
            return;
        }
        this.#say(gettext("peak %(value)s", { value: this.format(peak.value) }));
        setAttribute(button, "aria-pressed", String(isWhole));
        setAttribute(button, "title", this.#title());
        const at = plot.valToPos(plot.data[0][peak.row] + this.barSeconds / 2, "x");
        const { left, width } = placeOf(plot);
        button.style.left = `${left + Math.max(0, Math.min(at - this.width / 2, width - this.width))}px`;
    }

    /** A button is as wide as its text, and measured when that is another one. */
    #say(text) {
        const { button } = this;
        if (!button.hidden && this.width > 0 && button.textContent === text) return;
        button.hidden = false;
        setText(button, text);
        this.width = button.offsetWidth;
    }

    #title() {
        const offer = this.isWhole ? gettext("Cut the peak off again") : gettext("Show the whole peak");
        return this.barSeconds && this.describe ? `${this.describe(this.peak.row)}. ${offer}` : offer;
    }
}
