// What a range comes to: average and how it differs from before, highest and when, lowest, percentiles.

import { delta } from "./delta.js";
import { element } from "./element.js";
import { atLeast, atMost, isKnown, momentWithin } from "./format.js";

/** One list of tiles for each series; `more` are tiles of the chart, `[[name, text]]`. */
export function trendTiles(series, { unit, format, rangeSeconds, bucketSeconds, comparedWith }, more) {
    const rows = series.map(({ label, total }) => {
        const whose = series.length > 1 ? `${label} ` : "";
        const when = (moment) => (isKnown(moment) ? `at ${momentWithin(moment, rangeSeconds, bucketSeconds)}` : "");
        const difference = delta(total.average, total.before, unit);
        const tiles = [
            tile(`${whose}avg`, format(total.average), ...(difference ? [deltaChip(difference, format(total.before), comparedWith)] : [])),
            tile("max", atMost(format(total.maximum), total.bounded), note(when(total.maximum_at))),
            tile("min", atLeast(format(total.minimum), total.bounded)),
        ];
        if (isKnown(total.p95)) tiles.push(tile("p95", format(total.p95)));
        return element("dl", { class: "tiles" }, ...tiles);
    });
    rows[0].append(...more.map(([name, text]) => tile(name, text)));
    return rows;
}

function tile(name, text, ...notes) {
    return element("div", {}, element("dt", { text: name }), element("dd", { text }, ...notes));
}

function note(text) {
    return element("span", { class: "tiles__note", text });
}

function deltaChip({ arrow, text }, before, comparedWith) {
    const words = { "▲": "more", "▼": "less", "=": "" }[arrow];
    const sentence = `${text} ${words} than ${comparedWith}: ${before}`.replace("same  than", "the same as");
    const chip = element("span", { class: "delta", title: sentence });
    chip.append(element("span", { "aria-hidden": "true", text: `${arrow} ${text}` }), element("span", { class: "visually-hidden", text: sentence }));
    return chip;
}
