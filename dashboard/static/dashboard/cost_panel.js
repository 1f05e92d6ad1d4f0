// The panel "Cost of monitoring", and the notices that stand above all: the interval is stretched, history waits.

import { costValues, guardValues, stretchedText } from "./cost_values.js";
import { journalFacts, keptText } from "./journal_values.js";
import { setAttribute, setText } from "./element.js";

export class CostPanel {
    constructor(root, notice, wanted) {
        const byId = (id) => document.getElementById(id);
        Object.assign(this, { root, notice, wanted, keptNotice: byId("kept"), journal: byId("journal") });
    }

    show(frame) {
        showNotice(this.notice, stretchedText(frame, this.wanted));
        showNotice(this.keptNotice, keptText(frame));
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
        const facts = journalFacts(frame);
        this.journal.hidden = facts === null;
        for (const [key, text] of Object.entries(facts ?? {})) setText(this.journal.querySelector(`[data-journal="${key}"]`), text);
    }
}

function showNotice(notice, text) {
    notice.hidden = text === "";
    setText(notice, text);
}
