// One uPlot chart in the page's colours, with threshold, alert spans and a cursor shared between charts.

import uPlot from "../vendor/uplot/uPlot.esm.js";

import { byteSteps, timeLabels, valueRange } from "./axes.js";
import { color, onThemeChange } from "./theme.js";
import { element, setText } from "./element.js";

const AXIS_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const AXIS_WIDTH = 62;
const AXIS_HEIGHT = 24;
const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--chart-grid", "--chart-axis", "--chart-threshold", "--surface"];
const plots = new Set();
let colors = null;

function recolor() {
    colors = null;
    for (const plot of plots) plot.redraw(true);
}

onThemeChange(recolor);
// Paper is white whatever the screen's theme is.
matchMedia("print").addEventListener("change", recolor);

/** A palette variable's colour in the theme that shows; `alpha` from 0 to 1. */
export function paint(variable, alpha = 1) {
    colors ??= Object.fromEntries(PALETTE.map((name) => [name, color(name)]));
    return alpha === 1 ? colors[variable] : colors[variable].replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
}

/**
 * `series` is `[{label, color, width, dash, fill}]`; a series without a color is not drawn. `spans()` gives the alerts'
 * `[{start, end}]`; `onCursor(index)` tells the row under the cursor, null
 * when it left, and `writeTime(seconds)` writes that row's moment.
 */
export function createPlot(holder, { series, bands = [], unit, range, format, threshold, spans, sync, zoom, writeTime, onCursor }) {
    const time = element("output", { class: "plot__time", "aria-hidden": "true", hidden: true });
    const plot = new uPlot(
        {
            ...sizeOf(holder),
            padding: [8, 24, 0, 0],
            legend: { show: false },
            cursor: {
                y: false,
                sync: { key: sync },
                drag: { x: zoom, y: false, setScale: zoom },
                points: { size: 6 },
            },
            scales: { y: { range: (_, __, highest) => valueRange(highest, range) } },
            axes: [timeAxis(), valueAxis(unit, format)],
            series: [{}, ...series.map(drawn)],
            bands,
            hooks: {
                drawClear: [(self) => drawSpans(self, spans())],
                draw: [(self) => drawThreshold(self, threshold, format)],
                setCursor: [(self) => showTime(self, time, writeTime), (self) => onCursor(self.cursor.idx ?? null, self)],
            },
        },
        [[], ...series.map(() => [])],
        holder,
    );
    holder.append(time);
    plots.add(plot);
    new ResizeObserver(() => plot.setSize(sizeOf(holder))).observe(holder);
    return plot;
}

/** The moment under the cursor, on the axis: outside the flow, so that nothing moves when it appears. */
function showTime(self, label, write) {
    const { idx, left } = self.cursor;
    label.hidden = idx === null || idx === undefined || left < 0;
    if (label.hidden) return;
    setText(label, write(self.data[0][idx]));
    const half = label.offsetWidth / 2;
    const at = self.over.offsetLeft + self.valToPos(self.data[0][idx], "x");
    label.style.left = `${Math.max(0, Math.min(at - half, self.width - 2 * half))}px`;
}

function sizeOf(holder) {
    return { width: Math.max(120, holder.clientWidth), height: Math.max(80, holder.clientHeight) };
}

function drawn({ color: variable, width = 1.5, dash, fill }) {
    if (!variable) return { stroke: "transparent", width: 0, points: { show: false } };
    return {
        stroke: () => paint(variable),
        fill: fill ? () => paint(variable, fill) : undefined,
        width,
        dash,
        spanGaps: false,
        points: { show: isolated, size: 4, fill: () => paint(variable) },
    };
}

// A single value between two gaps has no line: without a point it would not be seen.
function isolated(self, index, first, last) {
    const values = self.data[index];
    const alone = [];
    for (let row = first; row <= last; row += 1) {
        if (values[row] !== null && (values[row - 1] ?? null) === null && (values[row + 1] ?? null) === null) alone.push(row);
    }
    return alone.length ? alone : false;
}

function timeAxis() {
    return {
        stroke: () => paint("--chart-axis"),
        font: AXIS_FONT,
        size: AXIS_HEIGHT,
        gap: 4,
        space: 64,
        grid: { show: false },
        ticks: { stroke: () => paint("--chart-grid"), width: 1, size: 3 },
        values: (_, ticks, __, ___, step) => timeLabels(ticks, step),
    };
}

function valueAxis(unit, format) {
    return {
        stroke: () => paint("--chart-axis"),
        font: AXIS_FONT,
        size: AXIS_WIDTH,
        gap: 6,
        space: 34,
        incrs: unit === "B/s" ? byteSteps() : undefined,
        grid: { stroke: () => paint("--chart-grid"), width: 1 },
        ticks: { show: false },
        values: (_, ticks) => ticks.map((tick) => (tick === 0 ? "0" : format(tick).replace(/\.0(?= |$)/, ""))),
    };
}

function drawSpans(self, spans) {
    const { left, top, width, height } = self.bbox;
    self.ctx.save();
    self.ctx.beginPath();
    self.ctx.rect(left, top, width, height);
    self.ctx.clip();
    for (const { start, end } of spans) {
        const from = self.valToPos(start, "x", true);
        const to = Math.max(from + devicePixelRatio * 2, self.valToPos(end, "x", true));
        self.ctx.fillStyle = paint("--chart-threshold", 0.1);
        self.ctx.fillRect(from, top, to - from, height);
        self.ctx.fillStyle = paint("--chart-threshold", 0.7);
        self.ctx.fillRect(from, top, devicePixelRatio, height);
    }
    self.ctx.restore();
}

function drawThreshold(self, threshold, format) {
    const top = self.scales.y.max;
    if (threshold === undefined || top === undefined || top === null) return;
    const { ctx, bbox } = self;
    const above = threshold > top;
    const y = above ? bbox.top : self.valToPos(threshold, "y", true);
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = paint("--chart-threshold");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    if (!above) {
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
    }
    ctx.font = AXIS_FONT.replace("11px", `${10 * devicePixelRatio}px`);
    ctx.textAlign = "right";
    ctx.textBaseline = above || y - bbox.top < 14 * devicePixelRatio ? "top" : "bottom";
    const label = `limit ${format(threshold).replace(/\.0(?= |$)/, "")}${above ? " ↑" : ""}`;
    const x = bbox.left + bbox.width - 2 * devicePixelRatio;
    const baseline = y + (ctx.textBaseline === "top" ? 3 : -3) * devicePixelRatio;
    // A rim in the paper's colour keeps the words readable where lines cross them.
    ctx.setLineDash([]);
    ctx.strokeStyle = paint("--surface");
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.strokeText(label, x, baseline);
    ctx.fillText(label, x, baseline);
    ctx.restore();
}
