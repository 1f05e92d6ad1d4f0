// The tiles above a chart: average and its change, highest and when, lowest, percentiles.

import { atLeast, atMost, isKnown, momentWithin, number, percentText } from "../lib/format.js";
import { element } from "../lib/element.js";
import { gettext, gettext_noop } from "../lib/translate.js";
import { zoned } from "../lib/time.js";

/** One list of tiles for each series; `more` are additional tiles, `[[name, text]]`. */
export function trendTiles(series, { unit, format, rangeSeconds, bucketSeconds, comparedWith }, more) {
    const rows = series.map(({ label, total }) => {
        const average = gettext("avg");
        const name = series.length > 1 ? gettext("%(series)s %(statistic)s", { series: label, statistic: average }) : average;
        const when = (moment) => (isKnown(moment) ? gettext("at %(moment)s", { moment: momentWithin(moment, rangeSeconds, bucketSeconds) }) : "");
        const difference = delta(total.average, total.before, unit);
        const tiles = [
            tile(name, format(total.average), ...(difference ? [deltaChip(difference, format(total.before), comparedWith)] : [])),
            tile(gettext("max"), atMost(format(total.maximum), total.bounded), note(() => when(total.maximum_at))),
            tile(gettext("min"), atLeast(format(total.minimum), total.bounded)),
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

const SENTENCES = {
    "▲": gettext_noop("%(change)s more than %(period)s: %(before)s"),
    "▼": gettext_noop("%(change)s less than %(period)s: %(before)s"),
    "=": gettext_noop("the same as %(period)s: %(before)s"),
};

function deltaChip({ arrow, text }, before, comparedWith) {
    const sentence = gettext(SENTENCES[arrow], { change: text, period: comparedWith, before });
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
    if (unit === "%") return told(now - before, (size) => gettext("%(value)s points", { value: number(size) }), 0.05);
    if (before === 0) return now === 0 ? { arrow: "=", text: gettext("same") } : { arrow: "▲", text: gettext("from 0") };
    return told((now - before) / Math.abs(before), share, SAME);
}

function told(difference, write, least) {
    if (Math.abs(difference) < least) return { arrow: "=", text: gettext("same") };
    return { arrow: difference > 0 ? "▲" : "▼", text: write(Math.abs(difference)) };
}

function share(size) {
    if (size >= 9) return gettext("%(value)s times", { value: number(size + 1, 0) });
    return percentText(number(size * 100, size < 0.0995 ? 1 : 0));
}
