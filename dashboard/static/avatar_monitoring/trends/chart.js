// One chart of the trends page: tiles, average lines with a band from lowest to highest, alerts, markers, and a table.

import { atLeast, atMost, bucketTime, count, duration, formatterOf, percent, plainFormatterOf } from "../lib/format.js";
import { columns, filledRows, marksAt, partlyMeasured, spansAt } from "./data.js";
import { createPlot } from "../charts/plot.js";
import { element, icon, setText, sized } from "../lib/element.js";
import { Legend, titleOf } from "../charts/legend.js";
import { gettext } from "../lib/translate.js";
import { paint } from "../charts/paint.js";
import { rangeOf } from "../charts/axes.js";
import { trendTiles } from "./tiles.js";
import { zoned } from "../lib/time.js";

const HOVER_REACH_PIXELS = 4;
const WHOLE = 0.995;

export class TrendChart {
    /** `trend` is what all charts share. `onZoom(start, end)` and `onWiden()` are called when the reader zooms in or out. */
    constructor(root, chart, trend, { onZoom, onWiden }) {
        Object.assign(this, { chart, trend, onZoom, onWiden });
        this.format = formatterOf(chart.unit);
        this.shown = columns(trend.times, chart.series);
        this.partly = partlyMeasured(trend.times, trend.coverage, trend.bucket_seconds);
        this.legend = new Legend(this.shown.lines, plainFormatterOf(chart.unit));
        this.rail = new AlertRail(chart.alerts);
        this.tip = element("ul", { class: "plot__tip", hidden: true });
        this.image = element("div", { class: "plot__image", role: "img", "aria-label": this.#description() });
        this.holder = element("div", { class: "plot" }, this.image, this.rail.root, this.tip);
        this.table = element("div", { class: "chart__table", id: `table-${chart.key}`, hidden: true, tabindex: "0", role: "region", "aria-label": gettext("%(title)s as a table", { title: chart.title }) });
        root.append(element("article", { class: "chart", id: chart.key }, this.#head(), ...this.#tiles(), this.holder, this.table));
        if (filledRows(chart.series).length === 0) this.#showEmpty();
        else this.#plot();
    }

    clearSelection() {
        this.plot?.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }

    #head() {
        const { title, unit, key, export_url: url } = this.chart;
        const toggle = element("button", { type: "button", class: "icon-button", "aria-pressed": "false", "aria-controls": `table-${key}`, title: gettext("As a table"), "aria-label": gettext("Show %(title)s as a table", { title }) }, icon("table"));
        toggle.addEventListener("click", () => this.#toggleTable(toggle));
        const download = element("a", { class: "icon-button", href: url, download: true, title: gettext("Download as CSV"), "aria-label": gettext("Download %(title)s as CSV", { title }) }, icon("download"));
        return element("header", { class: "chart__head" }, titleOf(title, unit), this.legend.root, element("div", { class: "chart__tools" }, download, toggle));
    }

    #tiles() {
        const { start, end, bucket_seconds: bucketSeconds, compared_with: comparedWith } = this.trend;
        const alerts = this.chart.alerts.length ? [[gettext("alerts"), count(this.chart.alerts.length)]] : [];
        return trendTiles(this.chart.series, { unit: this.chart.unit, format: this.format, rangeSeconds: end - start, bucketSeconds, comparedWith }, alerts);
    }

    #showEmpty() {
        this.image.removeAttribute("role");
        this.image.replaceChildren(element("p", { class: "chart__empty", text: gettext("Nothing was measured in this range") }));
    }

    #plot() {
        const { data, lines, bands } = this.shown;
        const drawn = new Map(lines.map((line) => [line.column, line]));
        const threshold = this.chart.threshold ?? undefined;
        this.plot = createPlot(this.image, {
            series: data.slice(1).map((_, index) => drawn.get(index + 1) ?? {}),
            bands: bands.map(({ series, color }) => ({ series, fill: () => paint(color, 0.16) })),
            unit: this.chart.unit,
            range: rangeOf(this.chart.unit, threshold, this.chart.is_own),
            format: this.format,
            threshold,
            limit: () => this.chart.limit ?? "",
            limits: this.chart.limits,
            spans: () => this.chart.alerts,
            hatches: () => this.partly,
            marks: () => this.trend.marks,
            pause: this.chart.pause,
            inUTC: this.trend.bucket_seconds >= 86_400,
            sync: "trends",
            writeTime: (_, index) => this.#writeTime(index),
            onCursor: (index, plot) => this.#read(index, plot),
            onSelect: this.onZoom,
            onReset: this.onWiden,
            onDraw: (plot) => this.rail.place(plot),
        });
        this.plot.setData(data, false);
        this.plot.setScale("x", { min: this.trend.start, max: this.trend.end });
        this.#read(null, this.plot);
    }

    #writeTime(index) {
        const share = this.trend.coverage[index];
        const time = bucketTime(this.trend.times[index], this.trend.bucket_seconds);
        return share > 0 && share < WHOLE ? gettext("%(time)s, %(share)s measured", { time, share: percent(share * 100) }) : time;
    }

    #read(index, plot) {
        this.legend.show(this.shown.data, index ?? filledRows(this.chart.series)[0]);
        this.#showTip(plot);
    }

    /** Shows what happened under the cursor, only on the chart under the pointer and not on those that follow it. */
    #showTip(plot) {
        const lines = plot.cursor.left >= 0 && plot.over.matches(":hover") ? this.#happened(plot) : [];
        this.tip.hidden = lines.length === 0;
        if (this.tip.hidden) return;
        const items = sized(this.tip, lines.length, () => element("li"));
        lines.forEach(({ text, kind }, row) => {
            setText(items[row], text);
            items[row].dataset.kind = kind;
        });
        const left = plot.over.offsetLeft + plot.cursor.left + 10;
        this.tip.style.left = `${Math.max(4, Math.min(left, this.holder.clientWidth - this.tip.offsetWidth - 4))}px`;
    }

    #happened(plot) {
        const moment = plot.posToVal(plot.cursor.left, "x");
        const reach = plot.posToVal(plot.cursor.left + HOVER_REACH_PIXELS, "x") - moment;
        const marks = marksAt(this.trend.marks, moment, reach).slice(0, 2);
        const spans = spansAt(this.chart.alerts, moment, reach).slice(0, 2);
        return [
            ...marks.map(({ text, kind }) => ({ text, kind })),
            ...spans.map(({ message, start, end }) => ({ text: gettext("%(message)s, %(time)s", { message, time: duration(end - start) }), kind: "alert" })),
        ];
    }

    #toggleTable(toggle) {
        const show = this.table.hidden;
        if (show && !this.table.hasChildNodes()) {
            const { times, coverage, bucket_seconds: width } = this.trend;
            this.table.append(trendTable(this.chart, this.shown, { times, coverage, format: this.format, bucketSeconds: width }));
        }
        this.table.hidden = !show;
        this.holder.hidden = show;
        toggle.setAttribute("aria-pressed", String(show));
    }

    #description() {
        const { average, bounded, maximum, minimum } = this.chart.series[0].total;
        const [highest, lowest] = [atMost(this.format(maximum), bounded), atLeast(this.format(minimum), bounded)];
        return gettext("%(title)s: average %(average)s, highest %(highest)s, lowest %(lowest)s", { title: this.chart.title, average: this.format(average), highest, lowest });
    }
}

const NARROWEST_PIXELS = 6;

class AlertRail {
    /** Links to the alerts, `[{start, end, message, url}]`, for pointers only: the table of events has the same links. */
    constructor(spans) {
        this.links = spans.map((span) => ({ ...span, node: element("a", { href: span.url, title: span.message, tabindex: "-1" }) }));
        this.root = element("div", { class: "plot__rail", "aria-hidden": "true" }, ...this.links.map(({ node }) => node));
    }

    /** Moves the links to where their alerts are drawn. */
    place(plot) {
        const width = plot.over.clientWidth;
        for (const { node, start, end } of this.links) {
            const from = Math.max(0, plot.valToPos(start, "x"));
            const to = Math.min(width, Math.max(from + NARROWEST_PIXELS, plot.valToPos(end, "x")));
            node.style.left = `${plot.over.offsetLeft + Math.min(from, width - NARROWEST_PIXELS)}px`;
            node.style.width = `${Math.max(NARROWEST_PIXELS, to - from)}px`;
        }
    }
}

/** The chart's buckets as a table, newest first, without gaps, for screen readers and for copying. `format` formats a value. */
function trendTable({ title, series }, { data, lines, bands }, { times, coverage, format, bucketSeconds }) {
    const edges = bands.flatMap(({ series: [high, low] }, index) => {
        const named = (text) => (bands.length > 1 ? gettext("%(series)s %(statistic)s", { series: series[index].label, statistic: text }) : text);
        const bounded = (said) => (text, row) => said(text, series[index].bounded?.[row]);
        return [{ label: named(gettext("min")), column: low, said: bounded(atLeast) }, { label: named(gettext("max")), column: high, said: bounded(atMost) }];
    });
    const columns = [...lines, ...edges];
    const names = [...columns.map(({ label }) => label), gettext("measured")];
    const heads = [element("th", { scope: "col", text: gettext("Time") }), ...names.map((text) => element("th", { scope: "col", class: "num", text }))];
    const body = filledRows(series).map((row) => {
        const values = [...columns.map(({ column, said = (text) => text }) => said(format(data[column][row]), row)), percent(coverage[row] * 100)];
        const time = zoned(element("th", { scope: "row" }), () => bucketTime(times[row], bucketSeconds));
        return element("tr", {}, time, ...values.map((text) => element("td", { class: "num", text })));
    });
    const caption = element("caption", { class: "visually-hidden", text: gettext("%(title)s, newest first", { title }) });
    return element("table", { class: "table" }, caption, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
}
