// Stored series to columns, tiles and table rows. Pure.

import { BYTES_PER_MB, isKnown } from "./format.js";

const LINES = { average: "average", p50: "p50", p95: "p95", p99: "p99" };
const COLORS = { p50: "--series-2", p95: "--series-3", p99: "--series-4" };
const AVERAGES = ["--series-1", "--series-2"];

/**
 * A chart's columns for uPlot and what they are: `{data, lines: [{label, color, column}], bands: [{series}]}`. Lowest and
 * highest stand behind each average as the edges of a band.
 */
export function columns(times, series) {
    const data = [times];
    const lines = [];
    const bands = [];
    const add = (values) => data.push(values) - 1;
    series.forEach((one, index) => {
        const color = AVERAGES[index] ?? "--series-3";
        bands.push({ series: [add(one.maximum), add(one.minimum)], color });
        for (const [name, label] of Object.entries(LINES)) {
            if (!one[name]?.length) continue;
            const own = name === "average" && series.length > 1 ? one.label : label;
            lines.push({ label: own, color: COLORS[name] ?? color, column: add(one[name]) });
        }
    });
    return { data, lines, bands };
}

/** Average, highest and lowest of a series; the average weighs each bucket by how much of it was measured. */
export function summary({ average, minimum, maximum, coverage }) {
    let sum = 0;
    let weight = 0;
    average.forEach((value, index) => {
        if (!isKnown(value)) return;
        const share = coverage?.[index] ?? 1;
        sum += value * share;
        weight += share;
    });
    const highs = maximum.filter(isKnown);
    const lows = minimum.filter(isKnown);
    return {
        average: weight > 0 ? sum / weight : null,
        maximum: highs.length ? highs.reduce((a, b) => Math.max(a, b)) : null,
        minimum: lows.length ? lows.reduce((a, b) => Math.min(a, b)) : null,
    };
}

/** The indexes of buckets that hold anything, newest first, at most `limit`. */
export function filledRows(series, limit) {
    const rows = [];
    for (let row = series[0].average.length - 1; row >= 0 && rows.length < limit; row -= 1) {
        if (series.some((one) => isKnown(one.average[row]))) rows.push(row);
    }
    return rows;
}

/** The alerts of this metric within reach of a moment, for the hover. */
export function spansAt(spans, moment, reach) {
    return spans.filter((span) => moment >= span.start - reach && moment <= span.end + reach);
}

/** "Network sent" in a chart called "Network" is just "Sent". */
export function withoutTitle(label, title) {
    const rest = label.startsWith(`${title} `) ? label.slice(title.length + 1) : label;
    return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** The share of the range that was measured, 0 to 1, by the best covered chart. */
export function coverageOf(charts) {
    const shares = charts.flatMap(({ series }) => series.map(({ coverage }) => mean(coverage)));
    return shares.length ? Math.max(...shares) : 0;
}

function mean(values) {
    return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** The chart with MB per second as bytes per second, which the page writes in the unit that fits. */
export function inBytes(chart) {
    if (chart.unit !== "MB/s") return chart;
    const scaled = (values) => values.map((value) => (isKnown(value) ? value * BYTES_PER_MB : null));
    const series = chart.series.map((one) => ({
        ...one,
        average: scaled(one.average),
        minimum: scaled(one.minimum),
        maximum: scaled(one.maximum),
    }));
    return { ...chart, unit: "B/s", series };
}
