// A chart's buckets as a table: what a screen reader reads, and what a person copies.

import { atLeast, atMost, bucketTime, percent } from "./format.js";
import { element } from "./element.js";
import { filledRows } from "./trend_data.js";

/** Newest bucket first, gaps left out; `shown` are the chart's columns, `format` writes a value. */
export function trendTable({ title, series }, { data, lines, bands }, { times, coverage, format, bucketSeconds }) {
    const edges = bands.flatMap(({ series: [high, low] }, index) => {
        const name = bands.length > 1 ? `${series[index].label} ` : "";
        const bounded = (said) => (text, row) => said(text, series[index].bounded?.[row]);
        return [{ label: `${name}min`, column: low, said: bounded(atLeast) }, { label: `${name}max`, column: high, said: bounded(atMost) }];
    });
    const columns = [...lines, ...edges];
    const names = [...columns.map(({ label }) => label), "measured"];
    const heads = [element("th", { scope: "col", text: "Time" }), ...names.map((text) => element("th", { scope: "col", class: "num", text }))];
    const body = filledRows(series).map((row) => {
        const values = [...columns.map(({ column, said = (text) => text }) => said(format(data[column][row]), row)), percent(coverage[row] * 100)];
        const time = element("th", { scope: "row", text: bucketTime(times[row], bucketSeconds) });
        return element("tr", {}, time, ...values.map((text) => element("td", { class: "num", text })));
    });
    const caption = element("caption", { class: "visually-hidden", text: `${title}, newest first` });
    return element("table", { class: "table" }, caption, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
}
