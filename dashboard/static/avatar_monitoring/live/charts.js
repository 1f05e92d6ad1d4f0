// The six charts of the live page.

import { clockTime, formatterOf, isKnown, plainFormatterOf } from "../lib/format.js";
import { createPlot } from "../charts/plot.js";
import { element, setAttribute } from "../lib/element.js";
import { Legend, titleOf } from "../charts/legend.js";
import { gettext, gettext_noop } from "../lib/translate.js";
import { rangeOf } from "../charts/axes.js";

const CHARTS = [
    { title: gettext_noop("CPU"), unit: "%", metric: "cpu_percent", series: [["cpu_percent", gettext_noop("CPU"), "--series-1", 0.12]] },
    { title: gettext_noop("Memory"), unit: "%", metric: "memory_percent", series: [["memory_percent", gettext_noop("Memory"), "--series-2", 0.12]] },
    { title: gettext_noop("Network"), unit: "B/s", series: [["sent", gettext_noop("Sent"), "--series-1"], ["received", gettext_noop("Received"), "--series-2"]] },
    { title: gettext_noop("Clients"), unit: "", series: [["active_connections", gettext_noop("Connected"), "--series-1", 0.12]] },
    { title: gettext_noop("Messages"), unit: "/s", series: [["messages_per_second", gettext_noop("Messages"), "--series-4", 0.12]] },
    {
        title: gettext_noop("Latency"),
        unit: "ms",
        metric: "latency_ms",
        series: [
            ["p50_latency_ms", "p50", "--series-2"],
            ["p95_latency_ms", "p95", "--series-3"],
            ["p99_latency_ms", "p99", "--series-4"],
        ],
    },
];

export class LiveCharts {
    /** `spansOf(metric)` returns when alerts of the metric fired, `marks()` the markers. */
    constructor(root, { rules, spansOf, marks }) {
        this.seconds = 300;
        this.charts = CHARTS.map((chart) => new LiveChart(root, chart, rules, () => spansOf(chart.metric), marks));
    }

    /** Draws the end of a SeriesBuffer (the present) or of a PastSeries. */
    draw(series) {
        for (const chart of this.charts) chart.draw(series, this.seconds);
    }
}

export class LiveChart {
    constructor(root, { title, unit, series, metric, isOwn = false }, rules, spans, marks) {
        const threshold = () => rules.thresholds[metric];
        // A project gives its own gauges their names.
        const said = isOwn ? (text) => text : gettext;
        this.title = said(title);
        this.columns = series.map(([column]) => column);
        this.format = formatterOf(unit);
        this.data = [];
        this.legend = new Legend(series.map(([, label, color], index) => ({ label: said(label), color, column: index + 1 })), plainFormatterOf(unit));
        this.holder = element("div", { class: "plot", role: "img", "aria-label": gettext("%(title)s: no value yet", { title: this.title }) });
        const head = element("header", { class: "chart__head" }, titleOf(this.title, unit), this.legend.root);
        root.append(element("article", { class: "chart" }, head, this.holder));
        this.plot = createPlot(this.holder, {
            series: series.map(([, , color, fill]) => ({ color, fill })),
            unit,
            range: () => rangeOf(unit, threshold(), isOwn),
            format: this.format,
            threshold,
            limit: () => rules.textOf(metric),
            spans,
            marks,
            sync: "live",
            writeTime: (seconds) => clockTime(seconds),
            onCursor: (index) => this.#read(index),
        });
    }

    draw(buffer, seconds) {
        this.data = buffer.window(seconds, this.columns);
        this.plot.setData(this.data);
        this.#read(this.plot.cursor.idx ?? null);
        setAttribute(this.holder, "aria-label", this.#description());
    }

    #read(index) {
        this.legend.show(this.data, index ?? (this.data[0]?.length ?? 0) - 1);
    }

    #description() {
        const known = this.data[1].filter(isKnown);
        const { title } = this;
        if (known.length === 0) return gettext("%(title)s: not known", { title });
        const [now, low, high] = [known.at(-1), Math.min(...known), Math.max(...known)].map(this.format);
        return gettext("%(title)s: now %(now)s, lowest %(low)s, highest %(high)s", { title, now, low, high });
    }
}
