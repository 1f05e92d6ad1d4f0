// The links along the timeline: alerts and markers. Time moves them each second, and there may be a thousand and more, so a
// link stays for as long as what it shows, and is moved where the eye can see that.

import { element } from "../lib/element.js";
import { momentURL } from "../lib/moment_link.js";

const STEPS = 1000;
const NARROWEST_SHARE = 0.004;

export class TimelineMarks {
    /** `urlOf(at)` is the address of a moment. */
    constructor(root, urlOf = (at) => momentURL(location.pathname, at)) {
        Object.assign(this, { root, urlOf });
        this.links = [];
    }

    /** `marks` are in order, `[{x, width, at, text, severity or kind}]`, as shares of the range. */
    show(marks) {
        const keys = marks.map(({ at, text, severity, kind }) => `${at} ${severity ?? kind} ${text}`);
        if (keys.length !== this.links.length || keys.some((key, row) => key !== this.links[row].key)) this.#fill(marks, keys);
        marks.forEach((mark, row) => place(this.links[row], mark));
    }

    #fill(marks, keys) {
        const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
        const kept = new Map(this.links.map((link) => [link.key, link]));
        this.links = marks.map((mark, row) => {
            const link = kept.get(keys[row]) ?? this.#link(mark, keys[row]);
            kept.delete(keys[row]);
            return link;
        });
        const nodes = this.links.map(({ node }) => node);
        this.root.replaceChildren(...nodes);
        this.root.hidden = nodes.length === 0;
        if (!nodes.some((node) => node.getAttribute("tabindex") === "0")) nodes.at(-1)?.setAttribute("tabindex", "0");
        if (nodes.includes(focused)) focused.focus();
    }

    #link({ at, severity, kind, text }, key) {
        return { key, place: "", node: element("a", { href: this.urlOf(at), "aria-label": text, "data-tip": text, "data-severity": severity ?? null, "data-kind": kind ?? null, tabindex: "-1" }) };
    }
}

function place(link, { x, width }) {
    const wanted = `${Math.round(x * STEPS)} ${Math.round(width * STEPS)}`;
    if (wanted === link.place) return;
    link.place = wanted;
    const size = Math.max(NARROWEST_SHARE, width);
    link.node.style.left = `${100 * Math.min(x, 1 - size)}%`;
    link.node.style.width = `${100 * size}%`;
}
