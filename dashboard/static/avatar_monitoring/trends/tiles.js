// The tiles above a chart: average and its change, highest and when, lowest, percentiles.

import { atLeast, atMost, isKnown, momentWithin, number } from "../lib/format.js";
import { element } from "../lib/element.js";
import { zoned } from "../lib/time.js";

/** One list of tiles for each series; `more` are additional tiles, `[[name, text]]`. */
export function trendTiles(series, { unit, format, rangeSeconds, bucketSeconds, comparedWith }, more) {
    const rows = series.map(({ label, total }) => {
        const whose = series.length > 1 ? `${label} ` : "";
        const when = (moment) => (isKnown(moment) ? `at ${momentWithin(moment, rangeSeconds, bucketSeconds)}` : "");
        const difference = delta(total.average, total.before, unit);
        const tiles = [
            tile(`${whose}avg`, format(total.average), ...(difference ? [deltaChip(difference, format(total.before), comparedWith)] : [])),
            tile("max", atMost(format(total.maximum), total.bounded), note(() => when(total.maximum_at))),
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

function note(write) {
    return zoned(element("span", { class: "tiles__note" }), write);
}

function deltaChip({ arrow, text }, before, comparedWith) {
    const words = { "▲": "more", "▼": "less", "=": "" }[arrow];
    const sentence = `${text} ${words} than ${comparedWith}: ${before}`.replace("same  than", "the same as");
    const chip = element("span", { class: "delta", title: sentence });
    chip.append(element("span", { "aria-hidden": "true", text: `${arrow} ${text}` }), element("span", { class: "visually-hidden", text: sentence }));
    return chip;
}

const SAME = 0.0005;

/**
 * The change from `before` to `now` as `{arrow, text}`, or null if one of them is not known. Percentages change by points,
 * everything else by a share. `arrow` is "▲", "▼" or "=".
 */
export function delta(now, before, unit) {
    if (!isKnown(now) || !isKnown(before)) return null;
    if (unit === "%") return told(now - before, (size) => `${number(size)} points`, 0.05);
    if (before === 0) return now === 0 ? { arrow: "=", text: "same" } : { arrow: "▲", text: "from 0" };
    return told((now - before) / Math.abs(before), share, SAME);
}

function told(difference, write, least) {
    if (Math.abs(difference) < least) return { arrow: "=", text: "same" };
    return { arrow: difference > 0 ? "▲" : "▼", text: write(Math.abs(difference)) };
}

function share(size) {
    if (size >= 9) return `${number(size + 1, 0)} times`;
    return `${number(size * 100, size < 0.0995 ? 1 : 0)} %`;
}
