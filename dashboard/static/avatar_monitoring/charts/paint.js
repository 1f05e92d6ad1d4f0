// The page's colours in the present theme, for drawing on a canvas.

import { color, onThemeChange } from "../lib/theme.js";

const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--chart-grid", "--chart-axis", "--chart-threshold", "--chart-mark", "--surface"];
const STACKS = Array.from({ length: 14 }, (_, index) => `--stack-${index + 1}`);
const listeners = new Set();
let colors = null;

function recolor() {
    colors = null;
    for (const listener of listeners) listener();
}

onThemeChange(recolor);
// Paper is white, whatever the theme.
matchMedia("print").addEventListener("change", recolor);

/** Calls back when the colours have changed and everything must be drawn again. */
export function onRecolor(listener) {
    listeners.add(listener);
}

/** The colour of a palette variable in the present theme; `alpha` is 0 to 1. */
export function paint(variable, alpha = 1) {
    colors ??= Object.fromEntries([...PALETTE, ...STACKS].map((name) => [name, color(name)]));
    return alpha === 1 ? colors[variable] : colors[variable].replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
}
