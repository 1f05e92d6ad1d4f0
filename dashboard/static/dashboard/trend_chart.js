// One chart of the trends page: tiles, average lines with a band from lowest to highest, alerts, and the same as a table.

import { createPlot, paint } from "./plot.js";
import { dateTime, duration, formatterOf, percent, plainFormatterOf } from "./format.js";
import { columns, filledRows, spansAt, summary } from "./trend_data.js";
import { element, icon, setText } from "./element.js";
import { Legend, titleOf } from "./legend.js";
import { rangeOf } from "./axes.js";

const TABLE_ROWS = 200;
const HOVER_REACH_PIXELS = 4;

export class TrendChart {
    constructor(root, chart, { times, end }) {
        Object.assign(this, { chart, times, spans: chart.alerts });
        this.format = formatterOf(chart.unit);
        this.shown = columns(times, chart.series);
        this.legend = new Legend(this.shown.lines, plainFormatterOf(chart.unit));
        this.tip = element("div", { class: "plot__tip", hidden: true });
        this.holder = element("div", { class: "plot", role: "img", "aria-label": this.#description() }, this.tip);
        this.table = element("div", { class: "chart__table", hidden: true, tabindex: "0", role: "region", "aria-label": `${chart.title} as a table` });
        root.append(element("article", { class: "chart" }, this.#head(), ...this.#tiles(), this.holder, this.table));
        if (filledRows(chart.series, 1).length === 0) this.#showEmpty();
        else this.#plot(times[0], end);
    }

    #head() {
        const toggle = element("button", { type: "button", class: "icon-button", "aria-pressed": "false", title: "As a table", "aria-label": `Show ${this.chart.title} as a table` }, icon("table"));
        toggle.addEventListener("click", () => this.#toggleTable(toggle));
        return element("header", { class: "chart__head" }, titleOf(this.chart.title, this.chart.unit), this.legend.root, toggle);
    }

    #tiles() {
        const tile = (name, value) => element("div", {}, element("dt", { text: name }), element("dd", { text: this.format(value) }));
        const rows = this.chart.series.map((one) => {
            const { average, maximum, minimum } = summary(one);
            const whose = this.chart.series.length > 1 ? `${one.label} ` : "";
            return element("dl", { class: "tiles" }, tile(`${whose}avg`, average), tile("max", maximum), tile("min", minimum));
        });
        rows[0].append(...this.#alertTile());
        return rows;
    }

    #alertTile() {
        if (this.spans.length === 0) return [];
        return [element("div", {}, element("dt", { text: "alerts" }), element("dd", { text: String(this.spans.length) }))];
    }

    #showEmpty() {
        this.holder.replaceChildren(element("p", { class: "chart__empty", text: "Nothing was measured in this range" }));
    }

    #plot(start, end) {
        const { data, lines, bands } = this.shown;
        const drawn = new Map(lines.map(({ column, color }) => [column, { color }]));
        this.plot = createPlot(this.holder, {
            series: data.slice(1).map((_, index) => drawn.get(index + 1) ?? {}),
            bands: bands.map(({ series, color }) => ({ series, fill: () => paint(color, 0.16) })),
            unit: this.chart.unit,
            range: rangeOf(this.chart.unit, this.chart.threshold ?? undefined),
            format: this.format,
            threshold: this.chart.threshold ?? undefined,
            spans: () => this.spans,
            sync: "trends",
            zoom: true,
            writeTime: (seconds) => dateTime(seconds),
            onCursor: (index, plot) => this.#read(index, plot),
        });
        this.plot.setData(data, false);
        this.plot.setScale("x", { min: start, max: end });
        this.#read(null, this.plot);
    }

    #read(index, plot) {
        const row = index ?? filledRows(this.chart.series, 1)[0];
        this.legend.show(this.shown.data, row);
        this.#showTip(plot);
    }

    #showTip(plot) {
        const inside = plot.cursor.left >= 0;
        const moment = inside ? plot.posToVal(plot.cursor.left, "x") : 0;
        const reach = inside ? plot.posToVal(plot.cursor.left + HOVER_REACH_PIXELS, "x") - moment : 0;
        const [span] = inside ? spansAt(this.spans, moment, reach) : [];
        this.tip.hidden = !span;
        if (!span) return;
        setText(this.tip, `${span.message}, ${duration(span.end - span.start)}`);
        const left = plot.over.offsetLeft + plot.cursor.left + 10;
        this.tip.style.left = `${Math.min(left, this.holder.clientWidth - this.tip.offsetWidth - 4)}px`;
    }

    #toggleTable(toggle) {
        const show = this.table.hidden;
        if (show && !this.table.hasChildNodes()) this.table.append(this.#buildTable());
        this.table.hidden = !show;
        this.holder.hidden = show;
        toggle.setAttribute("aria-pressed", String(show));
    }

    #buildTable() {
        const { data, lines, bands } = this.shown;
        const edges = bands.flatMap(({ series: [high, low] }, index) => {
            const name = bands.length > 1 ? `${lines[index].label} ` : "";
            return [{ label: `${name}min`, column: low }, { label: `${name}max`, column: high }];
        });
        const shown = [...lines, ...edges];
        const heads = [element("th", { scope: "col", text: "Time" }), ...[...shown.map(({ label }) => label), "coverage"].map((text) => element("th", { scope: "col", class: "num", text }))];
        const body = filledRows(this.chart.series, TABLE_ROWS).map((row) => {
            const values = shown.map(({ column }) => this.format(data[column][row]));
            const cells = [...values, percent(this.chart.series[0].coverage[row] * 100)].map((text) => element("td", { class: "num", text }));
            return element("tr", {}, element("td", { text: dateTime(this.times[row]) }), ...cells);
        });
        return element("table", { class: "table" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
    }

    #description() {
        const { average, maximum, minimum } = summary(this.chart.series[0]);
        return `${this.chart.title}: average ${this.format(average)}, highest ${this.format(maximum)}, lowest ${this.format(minimum)}`;
    }
}
