// What a chart shows besides its lines: alerts, partly measured stretches, markers and the threshold.

import { gettext } from "../lib/translate.js";
import { paint } from "./paint.js";
import { shortened } from "./axes.js";

const HATCH_PIXELS = 6;
const NARROWEST_HATCH_PIXELS = 4;
const MARK_HEAD_PIXELS = 4;
const CLIPPED_PIXELS = 5;

/**
 * Joins lines with a cut corner. uPlot asks for round ones once for each size of the canvas, and an hour of seconds has a thousand
 * corners, which a browser without a graphics card draws itself.
 */
export function joinPlainly({ ctx }) {
    ctx.lineJoin = "bevel";
}

/** Shades alerts, `[{start, end}]`, with a line at each start so that short ones are visible too. */
export function drawSpans(self, spans) {
    inside(self, ({ ctx, bbox: { top, height } }) => {
        for (const { start, end } of spans) {
            const from = self.valToPos(start, "x", true);
            const to = Math.max(from + devicePixelRatio * 2, self.valToPos(end, "x", true));
            ctx.fillStyle = paint("--chart-threshold", 0.1);
            ctx.fillRect(from, top, to - from, height);
            ctx.fillStyle = paint("--chart-threshold", 0.7);
            ctx.fillRect(from, top, devicePixelRatio, height);
        }
    });
}

/** Shades what lies above the limit. */
export function drawBand(self, threshold) {
    if (threshold === undefined || !(threshold < self.scales.y.max)) return;
    inside(self, ({ ctx, bbox: { left, top, width } }) => {
        ctx.fillStyle = paint("--chart-threshold", 0.06);
        ctx.fillRect(left, top, width, self.valToPos(threshold, "y", true) - top);
    });
}

/** Draws an arrow at the top wherever a line, or a bar, whose middle is `after` seconds later, goes on above the shown range. */
export function drawClipped(self, after = 0) {
    const { max } = self.scales.y;
    const [first, last] = self.series[0].idxs;
    const [times, ...columns] = self.data;
    let drawn = -Infinity;
    for (let row = first; row <= last; row += 1) {
        if (!columns.some((values) => values[row] > max)) continue;
        const x = self.valToPos(times[row] + after, "x", true);
        if (x - drawn < 3 * CLIPPED_PIXELS * devicePixelRatio) continue;
        drawn = x;
        inside(self, ({ ctx, bbox: { top } }) => {
            ctx.fillStyle = paint("--chart-axis");
            drawHead(ctx, x, top + CLIPPED_PIXELS * devicePixelRatio, -1, CLIPPED_PIXELS);
        });
    }
}

/** Hatches stretches that were only partly measured, `[{start, end}]`. */
export function drawHatches(self, stretches) {
    const { top, height } = self.bbox;
    const gap = HATCH_PIXELS * devicePixelRatio;
    for (const { start, end } of stretches) {
        const from = self.valToPos(start, "x", true);
        const to = self.valToPos(end, "x", true);
        // Narrower ones would look like markers; the cursor still names them.
        if (to - from < NARROWEST_HATCH_PIXELS * devicePixelRatio) continue;
        inside(self, ({ ctx }) => {
            ctx.beginPath();
            ctx.rect(from, top, to - from, height);
            ctx.clip();
            ctx.beginPath();
            // Lines start at multiples of the gap, so that the hatching of neighbours joins.
            for (let x = Math.floor((from - height) / gap) * gap; x < to; x += gap) {
                ctx.moveTo(x, top + height);
                ctx.lineTo(x + height, top);
            }
            ctx.strokeStyle = paint("--chart-axis", 0.28);
            ctx.lineWidth = devicePixelRatio;
            ctx.stroke();
        });
    }
}

/** Draws markers, `[{at, kind}]`, as thin lines. All but node starts have a head. */
export function drawMarks(self, marks) {
    inside(self, ({ ctx, bbox: { top, height } }) => {
        for (const { at, kind } of marks) {
            const x = Math.round(self.valToPos(at, "x", true)) + 0.5;
            const named = kind !== "start";
            ctx.strokeStyle = ctx.fillStyle = named ? paint("--chart-mark") : paint("--chart-axis", 0.75);
            ctx.lineWidth = devicePixelRatio;
            ctx.setLineDash(named ? [] : [2 * devicePixelRatio, 3 * devicePixelRatio]);
            ctx.beginPath();
            ctx.moveTo(x, top);
            ctx.lineTo(x, top + height);
            ctx.stroke();
            if (named) drawHead(ctx, x, top);
        }
    });
}

/** A triangle that points down or, in the `direction` -1, up. */
function drawHead(ctx, x, top, direction = 1, pixels = MARK_HEAD_PIXELS) {
    const size = pixels * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x - size, top);
    ctx.lineTo(x + size, top);
    ctx.lineTo(x, top + size * 1.5 * direction);
    ctx.fill();
}

/** Draws further lines, `[{value, name, below, left}]`, as the limit is drawn; `below` and `left` say where their labels are. */
export function drawLimits(self, limits, format, font) {
    for (const { value, name, ...look } of limits) drawThreshold(self, value, limitText(name, value, format), font, look);
}

/** "limit 80 %", or another name than that; empty without a value. */
export function limitText(name, value, format) {
    if (value === undefined) return "";
    const said = shortened(value, format);
    return name ? `${name} ${said}` : gettext("limit %(value)s", { value: said });
}

/**
 * Draws the limit as a dashed line with a text, or as an arrow at the top if it is above the shown range. On a chart that is too
 * narrow for the text stands the `shorter` one, so that it does not run over the numbers of the axis.
 */
export function drawThreshold(self, threshold, text, font, { below = false, left = false, shorter = text } = {}) {
    const highest = self.scales.y.max;
    if (threshold === undefined || highest === undefined || highest === null) return;
    const { ctx, bbox } = self;
    const above = threshold > highest;
    if (above && below) return;
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
    ctx.font = font.replace("11px", `${10 * devicePixelRatio}px`);
    ctx.textAlign = left ? "left" : "right";
    ctx.textBaseline = below || above || y - bbox.top < 14 * devicePixelRatio ? "top" : "bottom";
    const room = bbox.width - 4 * devicePixelRatio;
    const [whole, short] = [text, shorter].map((one) => `${one}${above ? " ↑" : ""}`);
    const label = ctx.measureText(whole).width > room ? short : whole;
    const x = left ? bbox.left + 2 * devicePixelRatio : bbox.left + bbox.width - 2 * devicePixelRatio;
    const baseline = y + (ctx.textBaseline === "top" ? 3 : -3) * devicePixelRatio;
    // An outline in the background's colour keeps the label readable where lines cross it.
    ctx.setLineDash([]);
    ctx.strokeStyle = paint("--surface");
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.strokeText(label, x, baseline);
    ctx.fillText(label, x, baseline);
    ctx.restore();
}

function inside(self, draw) {
    const { ctx, bbox } = self;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    draw(self);
    ctx.restore();
}
