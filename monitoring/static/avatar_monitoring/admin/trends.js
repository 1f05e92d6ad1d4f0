// The small charts above the admin's list of minutes: the average as a line, minimum to maximum as a band.

import uPlot from "../vendor/uplot/uPlot.esm.js";

const HEIGHT = 110;
const DAY = 86400;
const charts = JSON.parse(document.getElementById("trend-data").textContent);
const holders = document.querySelectorAll(".trend-plot");

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function transparent(hex) {
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    return `rgba(${red}, ${green}, ${blue}, 0.2)`;
}

function axis(more) {
    return {
        stroke: () => color("--body-quiet-color"),
        grid: { stroke: () => color("--hairline-color"), width: 1 },
        ticks: { show: false },
        font: "10px system-ui, sans-serif",
        ...more,
    };
}

// In UTC, like all times in the admin.
function timeLabels(_, ticks, __, ___, step) {
    return ticks.map((tick) => new Date(tick * 1000).toISOString().slice(...(step < DAY ? [11, 16] : [5, 10])));
}

function draw(chart, holder) {
    const edge = { stroke: "transparent", width: 0, points: { show: false } };
    const plot = new uPlot(
        {
            width: holder.clientWidth,
            height: HEIGHT,
            padding: [6, 4, 0, 0],
            legend: { show: false },
            tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
            cursor: { show: false },
            scales: { y: { range: (_, __, highest) => [0, highest > 0 ? highest * 1.1 : 1] } },
            axes: [axis({ size: 20, gap: 2, space: 56, grid: { show: false }, values: timeLabels }), axis({ size: 40, space: 26 })],
            series: [{}, edge, edge, { stroke: () => color("--link-fg"), width: 1.5, points: { show: false } }],
            bands: [{ series: [1, 2], fill: () => transparent(color("--link-fg")) }],
        },
        [chart.times, chart.maximum, chart.minimum, chart.average],
        holder,
    );
    new ResizeObserver(() => plot.setSize({ width: holder.clientWidth, height: HEIGHT })).observe(holder);
    return plot;
}

const plots = charts.map((chart, index) => draw(chart, holders[index]));
const redraw = () => plots.forEach((plot) => plot.redraw());
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
