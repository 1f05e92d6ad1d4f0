// The page's colours as a canvas understands them, in the theme that shows now.

import { color, onThemeChange } from "../lib/theme.js";

const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--chart-grid", "--chart-axis", "--chart-threshold", "--chart-mark", "--surface"];
const listeners = new Set();
let colors = null;

function recolor() {
    colors = null;
    for (const listener of listeners) listener();
}

onThemeChange(recolor);
// Paper is white whatever the screen's theme is.
matchMedia("print").addEventListener("change", recolor);

/** Calls back when everything has to be drawn again in other colours. */
export function onRecolor(listener) {
    listeners.add(listener);
}

/** A palette variable's colour in the theme that shows; `alpha` from 0 to 1. */
export function paint(variable, alpha = 1) {
    colors ??= Object.fromEntries(PALETTE.map((name) => [name, color(name)]));
    return alpha === 1 ? colors[variable] : colors[variable].replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
}
