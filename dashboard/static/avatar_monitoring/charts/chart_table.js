// The values of a chart as a table, for screen readers and for copying: every chart has one.

import { element, icon, setAttribute, setText, sized } from "../lib/element.js";
import { count } from "../lib/format.js";
import { isChosen, keepChoice, onChoice } from "./chart_choices.js";
import { gettext } from "../lib/translate.js";
import { onZoneChange } from "../lib/zone.js";
import { startCopying } from "../lib/copy.js";

/** A table that follows a live chart has this many rows; copying takes all. */
const MOST_ROWS = 100;

export class ChartTable {
    /**
     * `read()` returns what is shown now: `{heads, length, time, cells, values}`. `heads` are the names of the columns;
     * `time(row)`, `cells(row)` and `values(row)` are of the rows 0 to `length` - 1, the newest first: the time as text, what
     * is shown of each column, text or an element, and `[stamp, …numbers]` for copying. `body` is hidden while the table is
     * shown. A table that is not `isWhole` has the newest rows only, from the first `refresh()` on. Whether it is shown is in
     * the address, by the chart's `key`.
     */
    constructor({ key, title, read, body, isWhole = false }) {
        Object.assign(this, { title, read, body, isWhole });
        const id = `table-${key}`;
        this.note = element("span", { class: "chart__table-note" });
        const copy = element("button", { type: "button", class: "button button--small", text: gettext("Copy as table") });
        startCopying(copy, () => asText(this.read()));
        this.rows = element("tbody");
        this.head = element("tr");
        const caption = element("caption", { class: "visually-hidden", text: gettext("%(title)s, newest first", { title }) });
        const table = element("table", { class: "table" }, caption, element("thead", {}, this.head), this.rows);
        this.scroller = element("div", { class: "chart__table", tabindex: "0", role: "region", "aria-label": gettext("%(title)s as a table", { title }) }, table);
        this.root = element("div", { class: "chart__values", id, hidden: true }, element("div", { class: "chart__table-bar" }, copy, this.note), this.scroller);
        this.toggle = element("button", { type: "button", class: "icon-button", "aria-pressed": "false", "aria-controls": id, title: gettext("As a table"), "aria-label": gettext("Show %(title)s as a table", { title }) }, icon("table"));
        this.toggle.addEventListener("click", () => {
            keepChoice("table", key, this.root.hidden);
            this.#turn(this.root.hidden);
            if (!this.root.hidden) this.#fill();
        });
        onChoice("table", key, (isShown) => {
            this.#turn(isShown);
            if (isShown) this.#fill();
        });
        this.#turn(isChosen("table", key));
        // What reads the values is not there yet.
        if (isWhole) queueMicrotask(() => this.root.hidden || this.#fill());
        onZoneChange(() => this.root.hidden || this.#fill());
    }

    /** The chart has other values. The table holds still while somebody points at it, or reads in it. */
    refresh() {
        if (!this.root.hidden && !this.root.matches(":hover, :focus-within")) this.#fill();
    }

    #turn(isShown) {
        this.root.hidden = !isShown;
        this.body.hidden = isShown;
        setAttribute(this.toggle, "aria-pressed", String(isShown));
    }

    #fill() {
        const { heads, length, time, cells } = this.read();
        const shown = this.isWhole ? length : Math.min(length, MOST_ROWS);
        const names = [gettext("Time"), ...heads];
        sized(this.head, names.length, () => element("th", { scope: "col" }));
        names.forEach((name, index) => {
            setText(this.head.children[index], name);
            this.head.children[index].classList.toggle("num", index > 0);
        });
        const lines = sized(this.rows, shown, () => element("tr", {}, element("th", { scope: "row" })));
        for (let row = 0; row < shown; row += 1) fill(lines[row], time(row), cells(row));
        setText(this.note, shown < length ? gettext("the newest %(shown)s of %(all)s values; copying takes all", { shown: count(shown), all: count(length) }) : "");
    }
}

function fill(line, time, cells) {
    const nodes = sized(line, cells.length + 1, () => element("td", { class: "num" }));
    setText(nodes[0], time);
    cells.forEach((cell, index) => {
        if (typeof cell === "string") setText(nodes[index + 1], cell);
        else nodes[index + 1].replaceChildren(cell);
    });
}

/** The rows as text with tabs, which spreadsheets take as cells: times in ISO 8601, numbers without units. */
export function asText({ heads, copiedHeads = heads, length, values }) {
    const lines = [[gettext("Time"), ...copiedHeads]];
    for (let row = 0; row < length; row += 1) lines.push(values(row).map((value) => (value === null || value === undefined ? "" : value)));
    return lines.map((line) => line.map((cell) => String(cell).replace(/[\t\r\n]/g, " ")).join("\t")).join("\n");
}
