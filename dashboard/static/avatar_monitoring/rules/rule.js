// The page of one rule: its metric with both thresholds and the episodes. Dragging shows a part of the range.

import { inBytes, withoutTitle } from "../trends/data.js";
import { zoomQuery } from "../trends/zoom.js";
import { readJSON } from "../lib/element.js";
import { TrendChart } from "../trends/chart.js";

const root = document.getElementById("trends");
if (root) {
    const trend = readJSON("trend");
    const period = readJSON("period");
    const zoom = (start, end) => location.assign(zoomQuery(location.search, Math.max(start, period.start), Math.min(end, period.end)));
    for (const chart of trend.charts) {
        const series = chart.series.map((one) => ({ ...one, label: withoutTitle(one.label, chart.title) }));
        new TrendChart(root, inBytes({ ...chart, series }), trend, { onZoom: zoom, onWiden: () => {} });
    }
}
