// What happened, on a chart: alerts and markers say what they are when they are pointed at or focused, and lead to where
// more is known. A click on any other moment offers the page of that moment.

import { clockTime, duration } from "../lib/format.js";
import { element, setAttribute, setText, sized } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { marksAt, spansAt } from "./moments.js";
import { placeOf } from "./plot_place.js";
import { rove } from "../lib/rove.js";

const REACH_PIXELS = 4;
const NARROWEST_PIXELS = 6;
const SHORTEST_DRAG_PIXELS = 6;
const MOST_OF_A_KIND = 3;
const DOUBLE_CLICK_MS = 300;

/**
 * "CPU of vm is 97 %, the limit is 80 % · since 14:03:22" or "… · 14:03:22, for 2 min 10 s". A chart shows a part of it, from
 * `start` to `end`; the alert itself may have begun earlier, `since`, and ended later, `until`, null while it fires.
 */
export function spanText({ message, start, end, since = start, until = end }) {
    const facts = { message, time: clockTime(since), duration: duration(until - since) };
    return until === null ? gettext("%(message)s · since %(time)s", facts) : gettext("%(message)s · %(time)s, for %(duration)s", facts);
}

export class Happenings {
    /**
     * `spans()` returns the shown alerts, `[{start, end, since, until, message, url}]` as for `spanText`, `marks()` the markers, `[{at, kind, text}]`.
     * `momentURL(at)` is the address that shows a moment, `follow(url)` opens an address. Links to alerts are reached by Tab unless `isListed`, which means
     * that a table of the page has the same ones. While `isZoomed()`, a click waits whether it becomes the double click that ends the zoom.
     */
    constructor(holder, { title, spans, marks, momentURL, follow = (url) => location.assign(url), isListed = false, isZoomed = () => false }) {
        Object.assign(this, { holder, spans, marks, momentURL, follow, isListed, isZoomed, shownKey: null, pinned: null, pressedAt: null, clicked: null });
        this.rail = element("div", isListed ? { class: "plot__rail", "aria-hidden": "true" } : { class: "plot__rail", role: "group", "aria-label": gettext("What happened: %(title)s", { title }) });
        this.tip = element("ul", { class: "plot__tip", hidden: true });
        holder.append(this.rail, this.tip);
        this.rail.addEventListener("focusin", ({ target }) => this.#showAt(target));
        this.rail.addEventListener("focusout", () => this.#hide());
        rove(this.rail);
        holder.addEventListener("pointerleave", () => this.#unpin());
        holder.addEventListener("keydown", ({ key }) => key === "Escape" && this.#unpin());
    }

    /** Starts to follow the pointer over a plot. */
    watch(plot) {
        this.plot = plot;
        plot.over.addEventListener("pointerdown", ({ clientX }) => (this.pressedAt = clientX));
        plot.over.addEventListener("click", (event) => this.#click(event));
    }

    /** The plot was drawn: moves the links to where their alerts and markers are. */
    place() {
        const { plot } = this;
        const { min, max } = plot.scales.x;
        const links = this.#links().filter(({ start, end }) => end >= min && start <= max);
        const key = JSON.stringify(links.map(({ url, kind }) => [url, kind]));
        if (key !== this.shownKey) this.#fill(links);
        this.shownKey = key;
        const { left, width } = placeOf(plot);
        links.forEach(({ start, end, text, kind }, index) => {
            const node = this.rail.children[index];
            const before = kind === "alert" ? 0 : NARROWEST_PIXELS / 2;
            const from = Math.max(0, plot.valToPos(start, "x") - before);
            const to = Math.min(width, Math.max(from + NARROWEST_PIXELS, plot.valToPos(end, "x")));
            node.style.left = `${left + Math.min(from, width - NARROWEST_PIXELS)}px`;
            node.style.width = `${Math.max(NARROWEST_PIXELS, to - from)}px`;
            setAttribute(node, "aria-label", text);
        });
    }

    /** The cursor was moved: says what is under it, on the chart under the pointer only and not on those that follow it. */
    show() {
        if (this.pinned !== null) return;
        const { plot } = this;
        const isPointedAt = plot.cursor.left >= 0 && (plot.over.matches(":hover") || this.holder.contains(document.activeElement));
        const lines = isPointedAt ? this.#under(plot.cursor.left) : [];
        plot.over.classList.toggle("plot__over--link", lines.some(({ url }) => url));
        this.#say(lines, plot.cursor.left);
    }

    #links() {
        const alerts = this.spans().filter(({ url }) => url).map((span) => ({ ...span, kind: "alert", text: spanText(span) }));
        const marks = this.marks().filter(({ text }) => text).map(({ at, kind, text }) => ({ start: at, end: at, kind, text: `${text} · ${clockTime(at)}`, url: this.momentURL(at) }));
        return [...alerts, ...(this.isListed ? [] : marks)].sort((a, b) => a.start - b.start);
    }

    #fill(links) {
        const focused = this.rail.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        this.rail.replaceChildren(...links.map(({ url, kind }) => element("a", { href: url, "data-kind": kind, tabindex: "-1" })));
        this.rail.hidden = links.length === 0;
        if (!this.isListed) this.rail.lastElementChild?.setAttribute("tabindex", "0");
        if (focused !== null) [...this.rail.children].find((node) => node.getAttribute("href") === focused)?.focus();
    }

    #under(left) {
        const moment = this.plot.posToVal(left, "x");
        const reach = this.plot.posToVal(left + REACH_PIXELS, "x") - moment;
        const marks = marksAt(this.marks(), moment, reach).filter(({ text }) => text).slice(0, MOST_OF_A_KIND);
        const spans = spansAt(this.spans(), moment, reach).filter(({ message }) => message).slice(0, MOST_OF_A_KIND);
        return [...spans.map((span) => ({ text: spanText(span), kind: "alert", url: span.url })), ...marks.map(({ text, kind, at }) => ({ text, kind, url: this.momentURL(at) }))];
    }

    #say(lines, left) {
        this.tip.hidden = lines.length === 0;
        if (this.tip.hidden) return;
        const items = sized(this.tip, lines.length, () => element("li"));
        lines.forEach(({ text, kind }, row) => {
            setText(items[row], text);
            items[row].dataset.kind = kind;
        });
        this.#placeTip(left);
    }

    #placeTip(left) {
        const start = this.plot.over.offsetLeft + left + 10;
        this.tip.style.left = `${Math.max(4, Math.min(start, this.holder.clientWidth - this.tip.offsetWidth - 4))}px`;
    }

    #showAt(link) {
        this.#unpin();
        this.#say([{ text: link.getAttribute("aria-label"), kind: link.dataset.kind }], link.offsetLeft - this.plot.over.offsetLeft);
    }

    #click(event) {
        const isDrag = this.pressedAt !== null && Math.abs(event.clientX - this.pressedAt) >= SHORTEST_DRAG_PIXELS;
        clearTimeout(this.clicked);
        if (isDrag || event.detail > 1) return this.#unpin();
        const left = event.clientX - this.plot.over.getBoundingClientRect().left;
        const [first] = this.#under(left).filter(({ url }) => url);
        if (!first) this.#pin(left);
        else if (this.isZoomed()) this.clicked = setTimeout(() => this.follow(first.url), DOUBLE_CLICK_MS);
        else this.follow(first.url);
    }

    /** Offers the page of a moment, until the pointer leaves or something else is clicked. */
    #pin(left) {
        if (this.pinned !== null) return this.#unpin();
        this.pinned = this.plot.posToVal(left, "x");
        const text = gettext("Look at %(time)s", { time: clockTime(this.pinned) });
        this.tip.replaceChildren(element("li", { "data-kind": "moment" }, element("a", { href: this.momentURL(this.pinned), text })));
        this.tip.hidden = false;
        this.tip.toggleAttribute("data-pinned", true);
        this.#placeTip(left);
    }

    #unpin() {
        if (this.pinned === null) return;
        this.pinned = null;
        this.tip.toggleAttribute("data-pinned", false);
        this.tip.replaceChildren();
        this.#hide();
    }

    #hide() {
        if (this.pinned === null) this.tip.hidden = true;
    }
}
