// The trends page: the server sent the numbers with the page.

import { coverageOf, inBytes, withoutTitle } from "./trend_data.js";
import { duration, percent } from "./format.js";
import { readJSON, setText } from "./element.js";
import { TrendChart } from "./trend_chart.js";

const trend = readJSON("trend");
const root = document.getElementById("trends");
for (const chart of trend.charts) {
    const series = chart.series.map((one) => ({ ...one, label: withoutTitle(one.label, chart.title) }));
    new TrendChart(root, inBytes({ ...chart, series }), trend);
}


const facts = `one value per ${duration(trend.bucket_seconds)}, ${percent(coverageOf(trend.charts) * 100)} of the range measured`;
setText(document.getElementById("trend-facts"), facts);
