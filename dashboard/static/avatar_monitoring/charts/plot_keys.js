// A chart by keyboard: a moment that the arrows move, and a stretch that they mark with Shift, as a slider that says its values.

import { element, setAttribute } from "../lib/element.js";
import { firstAfter } from "./columns.js";
import { gettext } from "../lib/translate.js";

const PAGES = 10;
const FOREIGN = ["ctrlKey", "altKey", "metaKey"];

/** The row that a key leads to from `row`, of `length` rows; null for another key. Pure. */
export function rowAfter(key, row, length) {
    const page = Math.max(1, Math.round(length / PAGES));
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -page, PageUp: page, Home: -length, End: length };
    return key in steps && length > 0 ? Math.max(0, Math.min(length - 1, row + steps[key])) : null;
}

export class PlotKeys {
    /**
     * `describe(row)` says a row's values. `onSelect(start, end)` takes the marked stretch, `onReset()` shows everything
     * again, `onMoment(time)` follows the moment under the cursor; those that are missing do nothing.
     */
    constructor(plot, holder, { title, describe, onSelect, onReset, onMoment }) {
        Object.assign(this, { plot, describe, onSelect, onReset, onMoment, time: null, from: null });
        this.root = element("div", { class: "plot__keys", role: "slider", tabindex: "0", "aria-label": gettext("%(title)s, moment", { title }), "aria-valuemin": "0", "aria-valuemax": "0", "aria-valuenow": "0", "aria-valuetext": gettext("no moment chosen") });
        this.root.addEventListener("keydown", (event) => this.#pressed(event));
        this.root.addEventListener("blur", () => this.#leave());
        holder.append(this.root);
    }

    /** Other data came, or another scale: the cursor stays at its moment. */
    follow() {
        if (this.time === null) return;
        this.plot.setCursor({ left: this.plot.valToPos(this.time, "x"), top: this.plot.over.clientHeight / 2 }, true, true);
        this.#mark();
    }

    #pressed(event) {
        if (FOREIGN.some((name) => event[name])) return;
        const times = this.plot.data[0];
        const row = rowAfter(event.key, this.time === null ? times.length - 1 : this.#row(), times.length);
        if (row !== null) this.#goTo(times[row], event.shiftKey);
        else if (!this.#act(event.key)) return;
        event.preventDefault();
    }

    #act(key) {
        if (key === "Enter" && this.from !== null) return this.#select();
        if (key === "Enter" && this.time !== null && this.onMoment) this.onMoment(this.time);
        else if (key === "+" && this.time !== null && this.onSelect) this.#around();
        else if (key === "-" && this.onReset) this.onReset();
        else if (key === "Escape" && this.from !== null) this.#clear();
        else return false;
        return true;
    }

    #row() {
        return Math.min(firstAfter(this.plot.data[0], this.time), this.plot.data[0].length - 1);
    }

    #goTo(time, isMarking) {
        if (!isMarking || !this.onSelect) this.#clear();
        else this.from ??= this.time ?? time;
        this.time = time;
        this.follow();
        const row = this.#row();
        for (const [name, value] of [["valuemax", this.plot.data[0].length - 1], ["valuenow", row], ["valuetext", this.describe(row)]]) setAttribute(this.root, `aria-${name}`, String(value));
    }

    #mark() {
        if (this.from === null) return;
        const [left, right] = [this.from, this.time].map((time) => this.plot.valToPos(time, "x")).sort((a, b) => a - b);
        this.plot.setSelect({ left, width: right - left, top: 0, height: this.plot.over.clientHeight }, false);
    }

    #select() {
        const [start, end] = [this.from, this.time].sort((a, b) => a - b);
        this.#clear();
        if (end > start) this.onSelect(start, end);
        return true;
    }

    /** Half of what is shown, around the cursor. */
    #around() {
        const { min, max } = this.plot.scales.x;
        this.onSelect(this.time - (max - min) / 4, this.time + (max - min) / 4);
    }

    #clear() {
        if (this.from !== null) this.plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        this.from = null;
    }

    #leave() {
        this.#clear();
        this.time = null;
        this.plot.setCursor({ left: -10, top: -10 }, true, true);
    }
}
