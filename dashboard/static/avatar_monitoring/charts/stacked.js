// A chart of stacked bars: counts by label in buckets of equal width, with a legend that links to what was counted.

import { barAt, heightOf, narrowedTo, partAt, stackedColumns } from "./stacking.js";
import { bucketTime, count, isKnown, percent, UNKNOWN } from "../lib/format.js";
import { ChartTable } from "./chart_table.js";
import { createPlot } from "./plot.js";
import { element, setText } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { rangeOf } from "./axes.js";
import { stamp } from "../lib/time.js";

const WHOLE = 0.995;
const TIP_GAP = 10;

export class StackedChart {
    /**
     * `chart` is `{key, title, times, coverage, bucket_seconds, start, end, series: [{label, title, color, counts, total, url}]}`;
     * a series without a url has no links. Counts may be shares, with the `unit` "%", which a `note` explains. `sync` is the key of charts that share their cursor, `span` the range shown,
     * `hatches` the partly measured stretches and `marks` the markers, as for `createPlot`.
     */
    constructor(root, chart, { sync, span, hatches = [], marks = [], onZoom, onWiden }) {
        Object.assign(this, { chart, hatches, marks, onZoom, onWiden });
        this.data = stackedColumns(chart.times, chart.series);
        this.write = chart.unit === "%" ? percent : count;
        this.entries = chart.series.map((series) => new LegendEntry(series, this.write));
        const total = chart.series.reduce((sum, one) => sum + one.total, 0);
        this.image = element("div", { class: "plot__image", role: "img", "aria-label": `${chart.title}: ${this.#all(total)}` });
        this.tip = element("ul", { class: "plot__tip", hidden: true });
        this.holder = element("div", { class: "plot" }, this.image, this.tip);
        this.table = new ChartTable({ key: chart.key, title: chart.title, body: this.holder, isWhole: true, read: () => this.#asTable() });
        const legend = element("ul", { class: "legend legend--below" }, ...this.entries.map(({ root: entry }) => entry));
        root.append(element("article", { class: "chart chart--stacked", id: chart.key }, this.#head(total), this.holder, this.table.root, legend));
        this.#plot(sync, span);
    }

    clearSelection() {
        this.plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }

    #all(total) {
        return this.chart.note ?? gettext("%(count)s in all", { count: count(total) });
    }

    #head(total) {
        const heading = element("h2", { text: this.chart.title });
        this.sum = element("span", { class: "chart__unit", text: this.#all(total) });
        return element("header", { class: "chart__head" }, heading, this.sum, element("div", { class: "chart__tools chart__tools--end" }, this.table.toggle));
    }

    #plot(sync, { start, end }) {
        const { series, bucket_seconds: width } = this.chart;
        this.total = this.sum.textContent;
        this.plot = createPlot(this.image, {
            key: this.chart.key,
            title: this.chart.title,
            describe: (row) => [this.#writeTime(row), ...this.#parts(row)].join(", "),
            series: series.map(({ color }) => ({ color, isBar: true })),
            barSeconds: width,
            unit: this.chart.unit ?? "",
            range: rangeOf(this.chart.unit ?? ""),
            format: this.write,
            hatches: () => this.hatches,
            marks: () => this.marks,
            inUTC: width >= 86_400,
            sync,
            writeTime: (_, row) => this.#writeTime(row),
            onCursor: (row, plot) => this.#read(row, plot),
            onSelect: this.onZoom,
            onReset: this.onWiden,
        });
        this.plot.setData(this.data, false);
        this.plot.setScale("x", { min: start, max: end });
        this.plot.over.addEventListener("click", () => this.#follow());
    }

    #writeTime(row) {
        const { times, coverage, bucket_seconds: width } = this.chart;
        const share = coverage[row];
        const time = bucketTime(times[row], width);
        return share > 0 && share < WHOLE ? gettext("%(time)s, %(share)s measured", { time, share: percent(share * 100) }) : time;
    }

    #read(row, plot) {
        const { series } = this.chart;
        const part = row === null || !plot.over.matches(":hover") ? null : this.#partUnder(row);
        this.entries.forEach((entry, position) => entry.show(row, position === part));
        const height = row === null || this.chart.note ? null : heightOf(series, row);
        setText(this.sum, row === null || this.chart.note ? this.total : isKnown(height) ? count(height) : UNKNOWN);
        plot.over.classList.toggle("plot__over--link", part !== null && Boolean(series[part].url));
        this.#tellCut(row, plot);
    }

    /** "Client closed 3", "Server stopped 40"; of counts those that are not 0. */
    #parts(row) {
        const { series, note } = this.chart;
        return series.filter(({ counts }) => note || counts[row] !== 0).map(({ label, counts }) => `${label} ${this.write(counts[row])}`);
    }

    /** A bar that goes on above the scale says what it is, beside the cursor on this chart. */
    #tellCut(row, plot) {
        const isHere = plot.over.matches(":hover") || this.holder.contains(document.activeElement);
        this.tip.hidden = row === null || !isHere || !(this.data[1][row] > plot.scales.y.max);
        if (this.tip.hidden) return;
        const lines = [gettext("%(count)s in all, more than the scale shows", { count: count(this.data[1][row]) }), ...this.#parts(row)];
        this.tip.replaceChildren(...lines.map((text) => element("li", { text })));
        const start = plot.over.offsetLeft + plot.cursor.left + TIP_GAP;
        this.tip.style.left = `${Math.max(0, Math.min(start, this.holder.clientWidth - this.tip.offsetWidth))}px`;
    }

    #partUnder(row) {
        return partAt(this.data, row, this.plot.posToVal(this.plot.cursor.top, "y"));
    }

    /** A click on a part of a bar opens what was counted there; the table has the same links for keyboards. */
    #follow() {
        const { times, series, bucket_seconds: width } = this.chart;
        if (this.plot.select.width > 0) return;
        const row = barAt(times, this.plot.posToVal(this.plot.cursor.left, "x"), width);
        const part = row === null ? null : this.#partUnder(row);
        if (part !== null && series[part].url) location.assign(this.#urlOf(series[part], row));
    }

    #urlOf({ url }, row) {
        const { times, start, end, bucket_seconds: width } = this.chart;
        return narrowedTo(url, location.href, Math.max(start, times[row]), Math.min(end, times[row] + width));
    }

    #asTable() {
        const { times, series, bucket_seconds: width } = this.chart;
        const rows = times.map((_, row) => row).filter((row) => heightOf(series, row) !== null).reverse();
        const sums = this.chart.note ? [] : [(row) => heightOf(series, rows[row])];
        return {
            heads: [...sums.map(() => gettext("In all")), ...series.map(({ label }) => label)],
            length: rows.length,
            time: (row) => bucketTime(times[rows[row]], width),
            cells: (row) => [...sums.map((sum) => count(sum(row))), ...series.map((one) => this.#cell(one, rows[row]))],
            values: (row) => [stamp(times[rows[row]]), ...sums.map((sum) => sum(row)), ...series.map(({ counts }) => counts[rows[row]])],
        };
    }

    #cell(series, row) {
        const text = this.write(series.counts[row]);
        return series.url && series.counts[row] > 0 ? element("a", { href: this.#urlOf(series, row), text }) : text;
    }
}

class LegendEntry {
    constructor({ label, title, color, counts, total, url }, write) {
        Object.assign(this, { counts, total, write });
        const key = element("span", { class: "legend__key legend__key--bar" });
        key.style.color = `var(${color})`;
        const name = url ? element("a", { href: url, text: label }) : element("span", { text: label });
        this.value = element("span", { class: "legend__value", text: write(total) });
        this.root = element("li", { title: title || null }, key, name, this.value);
    }

    /** Shows the count of a row, or without one that of the whole range. */
    show(row, isPointedAt) {
        setText(this.value, this.write(row === null ? this.total : this.counts[row]));
        this.root.classList.toggle("legend__entry--pointed", isPointedAt);
    }
}
