// The page of one episode: its chart, and what people answer.

import { inBytes, withoutTitle } from "../trends/data.js";
import { readJSON } from "../lib/element.js";
import { RefreshedPart } from "../alerts/refreshed.js";
import { startAnswers } from "../alerts/answers.js";
import { TrendChart } from "../trends/chart.js";
import { zoomQuery } from "../trends/zoom.js";

const EVERY_MS_WHILE_FIRING = 5_000;
const EVERY_MS = 30_000;

const part = new RefreshedPart("alerts", {
    every: () => (document.querySelector(".badge--firing") ? EVERY_MS_WHILE_FIRING : EVERY_MS),
});
startAnswers({ onDone: () => part.refresh() });

const root = document.getElementById("trends");
if (root) {
    const trend = readJSON("trend");
    const period = readJSON("period");
    const zoom = (start, end) => location.assign(root.dataset.trendsUrl + zoomQuery("", Math.max(start, period.start), Math.min(end, period.end)));
    for (const chart of trend.charts) {
        const series = chart.series.map((one) => ({ ...one, label: withoutTitle(one.label, chart.title) }));
        new TrendChart(root, inBytes({ ...chart, series }), trend, { onZoom: zoom, onWiden: () => {} });
    }
}
