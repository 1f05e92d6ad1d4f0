// The six charts of the live page.

import { gettext, gettext_noop } from "../lib/translate.js";
import { LineChart } from "../charts/line_chart.js";
import { rangeOf } from "../charts/axes.js";

const CHARTS = [
    { key: "cpu", title: gettext_noop("CPU"), unit: "%", metric: "cpu_percent", series: [["cpu_percent", gettext_noop("CPU"), "--series-1", 0.12]] },
    { key: "memory", title: gettext_noop("Memory"), unit: "%", metric: "memory_percent", series: [["memory_percent", gettext_noop("Memory"), "--series-2", 0.12]] },
    { key: "network", title: gettext_noop("Network"), unit: "B/s", series: [["sent", gettext_noop("Sent"), "--series-1"], ["received", gettext_noop("Received"), "--series-2"]] },
    { key: "clients", title: gettext_noop("Clients"), unit: "", series: [["active_connections", gettext_noop("Connected"), "--series-1", 0.12]] },
    { key: "messages", title: gettext_noop("Messages"), unit: "/s", series: [["messages_per_second", gettext_noop("Messages"), "--series-4", 0.12]] },
    {
        key: "latency",
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
    /**
     * `view` says which stretch is shown. `spansOf(metric)` returns when alerts of the metric fired, `marks()` the markers;
     * `momentURL(at)` is the address of a past moment, and `follow(url)` opens one or an alert's. `onZoom(start, end)` and `onReset()` are called when the reader draws
     * over a stretch, and wants to see everything again.
     */
    constructor(root, options) {
        this.view = options.view;
        this.charts = CHARTS.map((chart) => liveChart(root, { ...chart, title: gettext(chart.title) }, options, gettext));
    }

    clearSelection() {
        for (const chart of this.charts) chart.clearSelection();
    }

    /** Draws a SeriesBuffer (the present) or a PastSeries. */
    draw(series) {
        for (const chart of this.charts) showIn(chart, this.view, series);
    }
}

/** A chart of `{key, title, unit, series: [[column, label, color, fill]], metric, isOwn}`; labels are written by `said`. */
export function liveChart(root, { key, title, unit, series, metric, isOwn = false }, { view, rules, spansOf, marks, momentURL, follow, onZoom, onReset }, said) {
    const threshold = () => rules.thresholds[metric];
    return new LineChart(root, {
        key: `live-${key}`,
        title,
        unit,
        series: series.map(([column, label, color, fill]) => ({ column, label: said(label), color, fill })),
        range: () => rangeOf(unit, threshold(), isOwn),
        threshold,
        limit: () => rules.textOf(metric),
        spans: () => spansOf(metric),
        marks,
        momentURL,
        follow,
        isZoomed: () => view.isZoomed,
        sync: "live",
        onSelect: onZoom,
        onReset,
    });
}

/** Draws what a view shows of a series. */
export function showIn(chart, view, series) {
    chart.show(view.columnsOf(series, chart.columns), view.zoom && { min: view.zoom.from, max: view.zoom.to });
}
