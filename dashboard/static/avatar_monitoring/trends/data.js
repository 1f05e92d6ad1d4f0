// Turns stored series into columns, stretches and table rows. Pure.

import { BYTES_PER_MB, isKnown } from "../lib/format.js";
import { gettext, gettext_noop } from "../lib/translate.js";

const LINES = { average: gettext_noop("average"), p50: "p50", p95: "p95", p99: "p99" };
const COLORS = { p50: "--series-2", p95: "--series-3", p99: "--series-4" };
const AVERAGES = ["--series-1", "--series-2"];
const EARLIER = { alpha: 0.6, dash: [4, 3], isEarlier: true };
const WHOLE = 0.95;

/**
 * A chart's columns for uPlot, and how to draw them: `{data, lines: [{label, color, column, alpha, dash, isEarlier}], bands:
 * [{series, color}]}`. Minimum and maximum are the edges of a band behind each average; the earlier period that it is
 * compared with is a dimmed line.
 */
export function columns(times, series) {
    const data = [times];
    const lines = [];
    const bands = [];
    const add = (values) => data.push(values) - 1;
    series.forEach((one, index) => {
        const color = AVERAGES[index] ?? "--series-3";
        const name = (text) => {
            if (series.length === 1) return gettext(text);
            return text === LINES.average ? one.label : gettext("%(series)s %(statistic)s", { series: one.label, statistic: gettext(text) });
        };
        bands.push({ series: [add(one.maximum), add(one.minimum)], color });
        // Drawn first, so that it lies below the others, but named last.
        const earlier = one.earlier?.length ? [{ label: name(gettext_noop("before")), color, column: add(one.earlier), ...EARLIER }] : [];
        for (const [field, label] of Object.entries(LINES)) {
            if (one[field]?.length) lines.push({ label: name(label), color: COLORS[field] ?? color, column: add(one[field]) });
        }
        lines.push(...earlier);
    });
    return { data, lines, bands };
}

/** The indexes of buckets that contain a value, newest first. */
export function filledRows(series) {
    const rows = [];
    for (let row = series[0].average.length - 1; row >= 0; row -= 1) {
        if (series.some((one) => isKnown(one.average[row]))) rows.push(row);
    }
    return rows;
}

/** The stretches that were only partly measured, `[{start, end}]`, with neighbours joined. Gaps do not count. */
export function partlyMeasured(times, coverage, width) {
    const stretches = [];
    times.forEach((start, row) => {
        if (coverage[row] <= 0 || coverage[row] >= WHOLE) return;
        const before = stretches.at(-1);
        if (before?.end === start) before.end = start + width;
        else stretches.push({ start, end: start + width });
    });
    return stretches;
}

/** "Network sent" in a chart called "Network" is just "Sent". */
export function withoutTitle(label, title) {
    const rest = label.startsWith(`${title} `) ? label.slice(title.length + 1) : label;
    return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** The chart with MB per second converted to bytes per second, which the page shows in a suitable unit. */
export function inBytes(chart) {
    if (chart.unit !== "MB/s") return chart;
    const scaled = (value) => (isKnown(value) ? value * BYTES_PER_MB : null);
    const fields = (one, names) => Object.fromEntries(names.map((name) => [name, one[name].map(scaled)]));
    const series = chart.series.map((one) => ({
        ...one,
        ...fields(one, ["average", "minimum", "maximum", "earlier"]),
        total: { ...one.total, average: scaled(one.total.average), minimum: scaled(one.total.minimum), maximum: scaled(one.total.maximum), before: scaled(one.total.before) },
    }));
    return { ...chart, unit: "B/s", series };
}
