// The panel "Cost of monitoring", and the notice that stands above all while the interval is stretched.

import { costValues, guardValues, stretchedText } from "./cost_values.js";
import { setAttribute, setText } from "./element.js";

export class CostPanel {
    constructor(root, notice, wanted) {
        Object.assign(this, { root, notice, wanted });
    }

    show(frame) {
        const notice = stretchedText(frame, this.wanted);
        this.notice.hidden = notice === "";
        setText(this.notice, notice);
        this.root.hidden = !frame.server.monitor;
        if (this.root.hidden) return;
        for (const [key, { text, unit, note, band = "normal" }] of Object.entries(costValues(frame, this.wanted))) {
            const cell = this.root.querySelector(`[data-cost="${key}"]`);
            setText(cell.querySelector(".figure__number"), text);
            setText(cell.querySelector(".figure__unit"), unit);
            setText(cell.querySelector(".cost__note"), note);
            setAttribute(cell, "data-band", band);
        }
        for (const [key, text] of Object.entries(guardValues(frame))) {
            setText(this.root.querySelector(`[data-guard="${key}"]`), text);
        }
    }
}
