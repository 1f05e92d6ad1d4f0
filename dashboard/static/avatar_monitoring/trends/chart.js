// One chart of the trends page: tiles, average lines with a band from lowest to highest, alerts, markers, and a table.

import { atLeast, atMost, bucketTime, count, formatterOf, percent, plainFormatterOf } from "../lib/format.js";
import { ChartTable } from "../charts/chart_table.js";
import { columns, filledRows, partlyMeasured } from "./data.js";
import { createPlot } from "../charts/plot.js";
import { element, icon } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { Happenings } from "../charts/happenings.js";
import { Legend, titleOf } from "../charts/legend.js";
import { momentURL } from "../lib/moment_link.js";
import { paint } from "../charts/paint.js";
import { rangeOf } from "../charts/axes.js";
import { stamp } from "../lib/time.js";
import { trendTiles } from "./tiles.js";

const WHOLE = 0.995;

export class TrendChart {
    /** `trend` is what all charts share. `onZoom(start, end)` and `onWiden()` are called when the reader zooms in or, while `isZoomed()`, out. */
    constructor(root, chart, trend, { onZoom, onWiden, isZoomed }) {
        Object.assign(this, { chart, trend, onZoom, onWiden, isZoomed });
        this.format = formatterOf(chart.unit);
        this.shown = columns(trend.times, chart.series);
        this.partly = partlyMeasured(trend.times, trend.coverage, trend.bucket_seconds);
        this.legend = new Legend(this.shown.lines, plainFormatterOf(chart.unit));
        this.image = element("div", { class: "plot__image", role: "img", "aria-label": this.#description() });
        this.holder = element("div", { class: "plot" }, this.image);
        this.table = new ChartTable({ key: chart.key, title: chart.title, body: this.holder, isWhole: true, read: () => this.#asTable() });
        root.append(element("article", { class: "chart", id: chart.key }, this.#head(), ...this.#tiles(), this.holder, this.table.root));
        if (filledRows(chart.series).length === 0) this.#showEmpty();
        else this.#plot();
    }

    clearSelection() {
        this.plot?.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }

    #head() {
        const { title, unit, export_url: url } = this.chart;
        const download = element("a", { class: "icon-button", href: url, download: true, title: gettext("Download as CSV"), "aria-label": gettext("Download %(title)s as CSV", { title }) }, icon("download"));
        return element("header", { class: "chart__head" }, titleOf(title, unit), this.legend.root, element("div", { class: "chart__tools" }, download, this.table.toggle));
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
        const momentOf = (at) => momentURL(this.trend.live_url, at);
        const [spans, marks] = [() => this.chart.alerts, () => this.trend.marks];
        this.happenings = new Happenings(this.holder, { title: this.chart.title, spans, marks, momentURL: momentOf, isListed: true, isZoomed: this.isZoomed });
        this.plot = createPlot(this.image, {
            key: this.chart.key,
            title: this.chart.title,
            series: data.slice(1).map((_, index) => drawn.get(index + 1) ?? {}),
            bands: bands.map(({ series, color }) => ({ series, fill: () => paint(color, 0.16) })),
            unit: this.chart.unit,
            range: rangeOf(this.chart.unit, threshold, this.chart.is_own),
            format: this.format,
            threshold,
            limit: () => this.chart.limit ?? "",
            limits: this.chart.limits,
            spans,
            hatches: () => this.partly,
            marks,
            pause: this.chart.pause,
            inUTC: this.trend.bucket_seconds >= 86_400,
            sync: "trends",
            writeTime: (_, index) => this.#writeTime(index),
            describe: (index) => this.#describe(index),
            onMoment: (at) => location.assign(momentOf(at)),
            onCursor: (index) => this.#read(index),
            onSelect: this.onZoom,
            onReset: this.onWiden,
            onDraw: () => this.happenings.place(),
        });
        this.happenings.watch(this.plot);
        this.plot.setData(data, false);
        this.plot.setScale("x", { min: this.trend.start, max: this.trend.end });
        this.#read(null);
    }

    #writeTime(index) {
        const share = this.trend.coverage[index];
        const time = bucketTime(this.trend.times[index], this.trend.bucket_seconds);
        return share > 0 && share < WHOLE ? gettext("%(time)s, %(share)s measured", { time, share: percent(share * 100) }) : time;
    }

    #describe(index) {
        const values = this.shown.lines.map(({ label, column }) => `${label} ${this.format(this.shown.data[column][index])}`);
        return [this.#writeTime(index), ...values].join(", ");
    }

    #read(index) {
        this.legend.show(this.shown.data, index ?? filledRows(this.chart.series)[0]);
        if (this.happenings.plot) this.happenings.show();
    }

    /** The buckets without gaps; what was measured of each stands last. */
    #asTable() {
        const { times, coverage, bucket_seconds: width } = this.trend;
        const { data } = this.shown;
        const columns = [...this.shown.lines, ...this.#edges()];
        const rows = filledRows(this.chart.series);
        const names = columns.map(({ label }) => label);
        const withUnit = (name) => (this.chart.unit ? `${name} (${this.chart.unit})` : name);
        return {
            heads: [...names, gettext("measured")],
            copiedHeads: [...names.map(withUnit), `${gettext("measured")} (%)`],
            length: rows.length,
            time: (row) => bucketTime(times[rows[row]], width),
            cells: (row) => [...columns.map(({ column, said = (text) => text }) => said(this.format(data[column][rows[row]]), rows[row])), percent(coverage[rows[row]] * 100)],
            values: (row) => [stamp(times[rows[row]]), ...columns.map(({ column }) => data[column][rows[row]]), Math.round(coverage[rows[row]] * 1000) / 10],
        };
    }

    /** The columns of the bands' edges. */
    #edges() {
        const { series } = this.chart;
        const { bands } = this.shown;
        return bands.flatMap(({ series: [high, low] }, index) => {
            const named = (text) => (bands.length > 1 ? gettext("%(series)s %(statistic)s", { series: series[index].label, statistic: text }) : text);
            const bounded = (said) => (text, row) => said(text, series[index].bounded?.[row]);
            return [{ label: named(gettext("min")), column: low, said: bounded(atLeast) }, { label: named(gettext("max")), column: high, said: bounded(atMost) }];
        });
    }

    #description() {
        const { average, bounded, maximum, minimum } = this.chart.series[0].total;
        const [highest, lowest] = [atMost(this.format(maximum), bounded), atLeast(this.format(minimum), bounded)];
        return gettext("%(title)s: average %(average)s, highest %(highest)s, lowest %(lowest)s", { title: this.chart.title, average: this.format(average), highest, lowest });
    }
}
