// A chart's legend: names, colours, and the values under the cursor or else the newest ones.

import { element, setText } from "../lib/element.js";

export class Legend {
    /** `entries` is `[{label, color, column}]`, where `column` is an index into the chart's data. */
    constructor(entries, format) {
        this.entries = entries;
        this.format = format;
        this.root = element("ul", { class: "legend" }, ...entries.map(({ label, color, isEarlier }) => {
            const key = element("span", { class: isEarlier ? "legend__key legend__key--earlier" : "legend__key" });
            key.style.color = `var(${color})`;
            return element("li", {}, key, element("span", { text: label }), element("span", { class: "legend__value", text: "–" }));
        }));
    }

    show(data, index) {
        this.entries.forEach(({ column }, position) => {
            setText(this.root.children[position].lastElementChild, this.format(data[column]?.[index] ?? null));
        });
    }
}

/** A chart's heading with its unit, except for bytes, whose unit grows with the values. */
export function titleOf(title, unit) {
    const heading = element("h2", { text: title });
    if (unit && unit !== "B/s") heading.append(" ", element("span", { class: "chart__unit", text: unit }));
    return heading;
}
