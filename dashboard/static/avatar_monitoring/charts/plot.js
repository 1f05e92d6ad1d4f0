// A uPlot chart in the page's colours, with threshold, alerts, markers and a cursor that charts share.

import uPlot from "../vendor/uplot/uPlot.esm.js";

import { barAt } from "./stacking.js";
import { byteSteps, shortened, timeLabels, valueRange } from "./axes.js";
import { drawBand, drawClipped, drawHatches, drawLimits, drawMarks, drawSpans, drawThreshold, joinPlainly, limitText } from "./plot_layers.js";
import { element, setText } from "../lib/element.js";
import { isUTC, onZoneChange } from "../lib/zone.js";
import { onRecolor, paint } from "./paint.js";
import { PeakButton } from "./peak_button.js";
import { PlotKeys } from "./plot_keys.js";
import { startTouchBrush } from "./touch_brush.js";

const AXIS_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const AXIS_WIDTH = 62;
const AXIS_HEIGHT = 24;
const LABEL_PIXELS = 64;
const SHORT_LABEL_PIXELS = 44;
const LONGEST_STEP_IN_SECONDS = 30;
const LONGEST_OF_SHORT_LABELS = 3 * 3600;
const SHORTEST_DRAG_PIXELS = 6;
const BARS = uPlot.paths.bars({ size: [0.86, 60], align: 1 });
const plots = new Set();
const nothing = () => [];

onRecolor(() => {
    for (const plot of plots) plot.redraw(true);
});
// Another zone has its ticks at other moments.
onZoneChange(() => {
    for (const plot of plots) plot.redraw(true, true);
});

/**
 * `series` is `[{label, color, alpha, width, dash, fill, isBar}]`; a series without a color is not drawn. Bars begin at their
 * row's time and are `barSeconds` wide; the cursor is on a bar as long as it is within it. `spans()` returns the
 * alerts' `[{start, end}]`, `hatches()` the partly measured stretches, `marks()` the markers' `[{at, kind}]`.
 * `limits` are further lines, `[{value, name, below, left}]`.
 * `onSelect(start, end)` is called when the reader drags over a stretch (without it, dragging does nothing), `onReset()` on
 * a double click, `onCursor(index, plot)` with the row under the cursor or null, `onDraw(plot)` when positions may have
 * changed. `writeTime(seconds, index)` formats a row's time; `inUTC` makes the axis show UTC. A line continues over gaps of
 * up to `pause` seconds. `key` names the chart in the address. `threshold` and `range` may be functions, as limits can change; `limit()` returns what stands at the
 * threshold. What can be pressed lies in the holder of the image, which is named by `title`: a button for a peak that the
 * scale cuts off, and the keys, for which `describe(row)` says a row's values and `onMoment(time)` follows a moment.
 */
export function createPlot(image, options) {
    const { series, bands = [], unit, range, format, threshold, sync, writeTime, onCursor, onSelect, onReset, onDraw } = options;
    const { spans = nothing, hatches = nothing, marks = nothing, limits = [], pause = 0, inUTC = false, limit = () => "", barSeconds = 0 } = options;
    const { key, title, describe, onMoment } = options;
    let keys = null;
    const peak = new PeakButton(image.parentElement, { key, format, barSeconds, describe, onTurn: () => plot.redraw(true, true) });
    const scale = (self, lowest, highest) => {
        const wanted = valueOf(range);
        // A scale with an end of its own shows every value.
        const top = wanted.ceiling === undefined ? peak.topOf(self.data) : undefined;
        return valueRange(top ?? highest, wanted, lowest);
    };
    const time = element("output", { class: "plot__time", "aria-hidden": "true", hidden: true });
    const plot = new uPlot(
        {
            ...sizeOf(image),
            padding: [8, 28, 0, 0],
            legend: { show: false },
            tzDate: (seconds) => (inUTC || isUTC() ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") : new Date(seconds * 1000)),
            cursor: {
                y: false,
                sync: { key: sync },
                drag: { x: Boolean(onSelect), y: false, setScale: false, dist: SHORTEST_DRAG_PIXELS },
                bind: { dblclick: () => onReset ?? null },
                points: { size: 6, show: barSeconds === 0 },
            },
            scales: { y: { range: scale } },
            axes: [timeAxis(inUTC), valueAxis(unit, format)],
            series: [{}, ...series.map((one) => ({ ...drawn(one), gaps: (self, _series, _from, _to, gaps) => longGaps(self, gaps, pause) }))],
            bands,
            hooks: {
                drawClear: [joinPlainly, (self) => drawBand(self, valueOf(threshold)), (self) => drawHatches(self, hatches()), (self) => drawSpans(self, spans())],
                draw: [
                    (self) => peak.isCut && drawClipped(self, barSeconds / 2),
                    (self) => drawMarks(self, marks()),
                    (self) => drawLimit(self, valueOf(threshold), limit(), format),
                    (self) => drawLimits(self, limits, format, AXIS_FONT),
                    (self) => peak.place(self),
                    () => keys?.follow(),
                    (self) => onDraw?.(self),
                ],
                setCursor: [(self) => showTime(self, time, writeTime, barSeconds), (self) => onCursor(rowUnder(self, barSeconds), self)],
                setSelect: [(self) => tellSelection(self, onSelect)],
            },
        },
        [[], ...series.map(() => [])],
        image,
    );
    if (describe) keys = new PlotKeys(plot, image.parentElement, { title, describe, onSelect, onReset, onMoment });
    if (onSelect) startTouchBrush(plot, onSelect);
    image.append(time);
    plots.add(plot);
    new ResizeObserver(() => plot.setSize(sizeOf(image))).observe(image);
    return plot;
}

/** The row under the cursor: of lines the nearest one, of bars the one that it is in. Null without a cursor. */
function rowUnder(self, barSeconds) {
    const { idx, left } = self.cursor;
    if (idx === null || idx === undefined || barSeconds === 0) return idx ?? null;
    return left < 0 ? null : barAt(self.data[0], self.posToVal(left, "x"), barSeconds);
}

/** Says all that the rule asks for, where there is room for it. */
function drawLimit(self, threshold, text, format) {
    const shorter = limitText("", threshold, format);
    drawThreshold(self, threshold, text || shorter, AXIS_FONT, { shorter });
}

const valueOf = (given) => (typeof given === "function" ? given() : given);

function longGaps(self, gaps, pause) {
    return gaps.filter(([from, to]) => self.posToVal(to, "x", true) - self.posToVal(from, "x", true) > pause);
}

function tellSelection(self, onSelect) {
    const { left, width } = self.select;
    if (onSelect && width > 0) onSelect(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
}

/** Shows the time under the cursor, on the axis. It is outside the flow, so that nothing moves when it appears. */
function showTime(self, label, write, barSeconds) {
    const row = rowUnder(self, barSeconds);
    label.hidden = row === null || self.cursor.left < 0;
    if (label.hidden) return;
    setText(label, write(self.data[0][row], row));
    const half = label.offsetWidth / 2;
    const at = self.over.offsetLeft + self.valToPos(self.data[0][row] + barSeconds / 2, "x");
    label.style.left = `${Math.max(0, Math.min(at - half, self.width - 2 * half))}px`;
}

function sizeOf(holder) {
    return { width: Math.max(120, holder.clientWidth), height: Math.max(80, holder.clientHeight) };
}

function drawn({ color: variable, alpha = 1, width = 1.5, dash, fill, isBar }) {
    if (!variable) return { stroke: "transparent", width: 0, points: { show: false } };
    if (isBar) return { paths: BARS, width: 0, fill: () => paint(variable), stroke: () => paint(variable), points: { show: false } };
    return {
        stroke: () => paint(variable, alpha),
        fill: fill ? () => paint(variable, fill) : undefined,
        width,
        dash,
        spanGaps: false,
        points: { show: () => false, filter: isolated, size: 4, fill: () => paint(variable, alpha) },
    };
}

// A single value between two gaps has no line and would be invisible without a point.
function isolated(self, index) {
    const values = self.data[index];
    const [first, last] = self.series[0].idxs;
    const alone = [];
    for (let row = first; row <= last; row += 1) {
        if (values[row] !== null && (values[row - 1] ?? null) === null && (values[row + 1] ?? null) === null) alone.push(row);
    }
    return alone.length ? alone : null;
}

function timeAxis(inUTC) {
    return {
        stroke: () => paint("--chart-axis"),
        font: AXIS_FONT,
        size: AXIS_HEIGHT,
        gap: 4,
        space: labelSpace,
        grid: { show: false },
        ticks: { stroke: () => paint("--chart-grid"), width: 1, size: 3 },
        values: (_, ticks, __, ___, step) => timeLabels(ticks, step, inUTC),
    };
}

/** Pixels for a label: "14:03" is shorter than one with seconds or with a day. */
function labelSpace(_self, _axis, from, to, width) {
    const step = (SHORT_LABEL_PIXELS * (to - from)) / width;
    const isShort = step > LONGEST_STEP_IN_SECONDS && to - from <= LONGEST_OF_SHORT_LABELS;
    return isShort ? SHORT_LABEL_PIXELS : LABEL_PIXELS;
}

function valueAxis(unit, format) {
    return {
        stroke: () => paint("--chart-axis"),
        font: AXIS_FONT,
        size: AXIS_WIDTH,
        gap: 6,
        space: 34,
        incrs: unit === "B/s" || unit === "B" ? byteSteps() : undefined,
        grid: { stroke: () => paint("--chart-grid"), width: 1 },
        ticks: { show: false },
        values: (_, ticks) => ticks.map((tick) => (tick === 0 ? "0" : shortened(tick, format))),
    };
}
