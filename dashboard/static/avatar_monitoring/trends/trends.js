// The trends page: draws the series that the page contains.

import { forThisTab } from "../lib/browser_store.js";
import { inBytes, partlyMeasured, withoutTitle } from "./data.js";
import { keepChoicesInLinks } from "../charts/chart_choices.js";
import { onKey } from "../lib/keyboard.js";
import { placeIn, rememberPlace, rememberWider, widerThan, zoomQuery } from "./zoom.js";
import { readJSON } from "../lib/element.js";
import { StackedChart } from "../charts/stacked.js";
import { startRangeForm, zonesOf } from "./range_form.js";
import { TrendChart } from "./chart.js";
import { zoned } from "../lib/time.js";

const period = readJSON("period");
const root = document.getElementById("trends");
const trend = root ? readJSON("trend") : null;
const charts = trend ? draw(trend) : [];
let leaving = false;

function draw(trend) {
    const lines = trend.charts.map((chart) => {
        const series = chart.series.map((one) => ({ ...one, label: withoutTitle(one.label, chart.title) }));
        return new TrendChart(root, inBytes({ ...chart, series }), trend, { onZoom: zoomIn, onWiden: zoomOut, isZoomed: () => document.getElementById("zoom-out") !== null });
    });
    return [...lines, ...trend.stacks.map(drawStack)];
}

function drawStack(chart) {
    const hatches = partlyMeasured(chart.times, chart.coverage, chart.bucket_seconds);
    return new StackedChart(root, chart, { sync: "trends", span: trend, hatches, marks: trend.marks, onZoom: zoomIn, onWiden: zoomOut });
}

// All charts that share the cursor report the same selection; the first report counts.
function zoomIn(start, end) {
    if (leaving) return;
    const query = zoomQuery(location.search, Math.max(start, period.start), Math.min(end, period.end));
    rememberWider(forThisTab, location.search, query);
    rememberPlace(forThisTab, query, scrollY);
    leave();
    location.assign(query);
}

function zoomOut() {
    document.getElementById("zoom-out")?.click();
}

function leave() {
    leaving = true;
    if (root) root.dataset.leaving = "";
}

const wider = widerThan(forThisTab, location.search);
const zoomOutLink = document.getElementById("zoom-out");
if (zoomOutLink && wider !== null) zoomOutLink.setAttribute("href", wider || "?");
keepChoicesInLinks();

["zone-from", "zone"].forEach((id, index) => {
    zoned(document.getElementById(id), () => zonesOf(period.start, period.end, trend?.bucket_seconds >= 86_400)[index]);
});
onKey("Escape", zoomOut);
startRangeForm(document.getElementById("range-form"), period);

// A page from the back/forward cache comes back in the state in which it was left.
addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    leaving = false;
    if (root) delete root.dataset.leaving;
    for (const chart of charts) chart.clearSelection();
});

// The charts did not exist yet when the browser looked for the fragment of the address.
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
else scrollTo(scrollX, Math.max(scrollY, placeIn(forThisTab, location.search)));
