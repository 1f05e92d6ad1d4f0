// A strip above a chart with a link for each alert in it. For pointers only: the table of events has the same links.

import { element } from "./element.js";

const NARROWEST_PIXELS = 6;

export class AlertRail {
    /** `spans` is `[{start, end, message, url}]`. */
    constructor(spans) {
        this.links = spans.map((span) => ({ ...span, node: element("a", { href: span.url, title: span.message, tabindex: "-1" }) }));
        this.root = element("div", { class: "plot__rail", "aria-hidden": "true" }, ...this.links.map(({ node }) => node));
    }

    /** Puts the links where their alerts are drawn. */
    place(plot) {
        const width = plot.over.clientWidth;
        for (const { node, start, end } of this.links) {
            const from = Math.max(0, plot.valToPos(start, "x"));
            const to = Math.min(width, Math.max(from + NARROWEST_PIXELS, plot.valToPos(end, "x")));
            node.style.left = `${plot.over.offsetLeft + Math.min(from, width - NARROWEST_PIXELS)}px`;
            node.style.width = `${Math.max(NARROWEST_PIXELS, to - from)}px`;
        }
    }
}
