// A chart of measured lines that grow: legend, plot with what happened, and table. The live page's and a client's are such.

import { ChartTable } from "./chart_table.js";
import { clockTime, formatterOf, isKnown, plainFormatterOf } from "../lib/format.js";
import { createPlot } from "./plot.js";
import { DrawingTurns } from "./drawing_turns.js";
import { element, setAttribute } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { Happenings } from "./happenings.js";
import { inView } from "../lib/in_view.js";
import { Legend, titleOf } from "./legend.js";
import { stamp } from "../lib/time.js";

const NO_SELECTION = { left: 0, top: 0, width: 0, height: 0 };
let charts = 0;

export class LineChart {
    /**
     * `series` is `[{column, label, color, fill}]`. `range`, `threshold` and `limit` are as for `createPlot`, `spans`, `marks`,
     * `momentURL`, `follow` and `isZoomed` as for `Happenings`. Without a cursor the legend shows the newest row or, if it `keepsNewest`, each
     * line's newest known value.
     */
    constructor(root, { key, title, unit, series, sync, keepsNewest = false, spans, marks, momentURL, follow, isZoomed, ...options }) {
        Object.assign(this, { title, unit, series, keepsNewest, data: [], drawn: [], plot: null });
        this.turns = new DrawingTurns(charts++);
        this.columns = series.map(({ column }) => column);
        this.format = formatterOf(unit);
        this.legend = new Legend(series.map(({ label, color }, index) => ({ label, color, column: index + 1 })), plainFormatterOf(unit));
        this.image = element("div", { class: "plot__image", role: "img", "aria-label": gettext("%(title)s: no value yet", { title }) });
        this.holder = element("div", { class: "plot" }, this.image);
        this.table = new ChartTable({ key, title, body: this.holder, read: () => this.#asTable() });
        const head = element("header", { class: "chart__head" }, titleOf(title, unit === "B" ? "" : unit), this.legend.root, this.table.toggle);
        this.root = element("article", { class: "chart" }, head, this.holder, this.table.root);
        root.append(this.root);
        this.happenings = new Happenings(this.holder, { title, spans, marks, momentURL, follow, isZoomed });
        this.options = { ...options, key, title, unit, spans, marks, sync, onMoment: (time) => this.happenings.follow(momentURL(time)) };
        inView.follow(this.root);
    }

    /**
     * Shows columns, the first of which is time, in the stretch `{min, max}`; without one, in that of the times. Texts are
     * always those of now, for whoever hears them or searches in the page; lines are drawn while they can be seen, and when
     * they have moved enough to be seen.
     */
    show(data, stretch = null) {
        // While the reader draws over a stretch, it must not move away below the hand.
        if (this.plot?.select.width > 0) return;
        this.data = data;
        inView[this.#isDue(stretch) ? "draw" : "keep"](this.root, () => this.#draw(data, stretch));
        this.#read(this.plot?.cursor.idx ?? null);
        this.table.refresh();
        setAttribute(this.image, "aria-label", this.#description(stretch === null));
    }

    redraw() {
        this.plot?.redraw(true);
    }

    clearSelection() {
        if (this.plot?.select.width > 0) this.plot.setSelect(NO_SELECTION, false);
    }

    #isDue(stretch) {
        const [times = []] = this.data;
        const shown = stretch ?? { min: times[0], max: times.at(-1) };
        return this.plot === null || this.turns.isDue(shown, this.plot.bbox.width / devicePixelRatio);
    }

    #draw(data, stretch) {
        this.plot ??= this.#newPlot();
        this.drawn = data;
        this.plot.setData(data, stretch === null);
        if (stretch !== null) this.plot.setScale("x", stretch);
    }

    /** A plot takes longer to make than all the rest of a chart: it is made when there is something to draw. */
    #newPlot() {
        const plot = createPlot(this.image, {
            ...this.options,
            series: this.series.map(({ color, fill }) => ({ color, fill })),
            format: this.format,
            writeTime: (seconds) => clockTime(seconds),
            describe: (row) => this.#describe(row),
            onCursor: (index) => this.#read(index),
            onDraw: () => this.happenings.place(),
        });
        this.happenings.watch(plot);
        return plot;
    }

    /** The plot tells of its cursor also when it has drawn, which is when the legend has said all. The cursor is on a row of what is drawn. */
    #read(index) {
        const data = index === null ? this.data : this.drawn;
        const isSaid = this.said?.data === data && this.said.index === index;
        if (!isSaid) this.#say(data, index);
        this.said = { data, index };
        if (this.happenings.plot) this.happenings.show();
    }

    #say(data, index) {
        if (index === null && this.keepsNewest) this.legend.show(data.map((column) => [newestIn(column)]), 0);
        else this.legend.show(data, index ?? (data[0]?.length ?? 0) - 1);
    }

    #describe(row) {
        const values = this.series.map(({ label }, index) => `${label} ${this.format(this.drawn[index + 1][row])}`);
        return [clockTime(this.drawn[0][row]), ...values].join(", ");
    }

    #asTable() {
        const rows = this.data[0].map((_, row) => row).filter((row) => this.data.some((column, index) => index > 0 && isKnown(column[row]))).reverse();
        const ofRow = (row, write) => this.columns.map((_, index) => write(this.data[index + 1][rows[row]]));
        return {
            heads: this.series.map(({ label }) => label),
            copiedHeads: this.series.map(({ label }) => (this.unit ? `${label} (${this.unit})` : label)),
            length: rows.length,
            time: (row) => clockTime(this.data[0][rows[row]]),
            cells: (row) => ofRow(row, this.format),
            values: (row) => [stamp(this.data[0][rows[row]]), ...ofRow(row, (value) => value)],
        };
    }

    #description(isNow) {
        const { title } = this;
        const facts = this.data.slice(1).map(factsOf).find(({ newest }) => newest !== null);
        if (!facts) return isNow ? gettext("%(title)s: not known", { title }) : gettext("%(title)s: not known in this range", { title });
        const [now, low, high] = [facts.newest, facts.lowest, facts.highest].map(this.format);
        if (isNow) return gettext("%(title)s: now %(now)s, lowest %(low)s, highest %(high)s", { title, now, low, high });
        return gettext("%(title)s: last %(last)s, lowest %(low)s, highest %(high)s", { title, last: now, low, high });
    }
}

/** In one pass and without copies: this is done for every chart once a second. */
function factsOf(column) {
    const facts = { newest: null, lowest: Infinity, highest: -Infinity };
    for (let row = 0; row < column.length; row += 1) {
        const value = column[row];
        if (!isKnown(value)) continue;
        facts.newest = value;
        if (value < facts.lowest) facts.lowest = value;
        if (value > facts.highest) facts.highest = value;
    }
    return facts;
}

function newestIn(column = []) {
    for (let row = column.length - 1; row >= 0; row -= 1) if (isKnown(column[row])) return column[row];
    return null;
}
