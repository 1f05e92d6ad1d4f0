// The tour of the first day: five points, each beside what it is about. A browser that has closed it never sees it again.

import { element, setText } from "./element.js";
import { forGood } from "./browser_store.js";
import { gettext } from "./translate.js";

const KEY = "avatar_tour";
const CLOSED = "closed";
const GAP = 12;

/** `[{at, title, text}]`: the first of `at` that is on this page is what the point is about. */
export function points() {
    return [
        { at: ["#connection", "#live-title", ".nav"], title: gettext("What happens now"), text: gettext("The live page shows every second of the server, and says so when its numbers are old.") },
        { at: ["#cards", ".nav"], title: gettext("Is something wrong?"), text: gettext("A card turns red when its limit is passed. The limit stands below it, and on its chart.") },
        { at: ["#timeline", ".nav"], title: gettext("What happened before"), text: gettext("Drag the timeline, or choose a moment: the whole page shows that second again.") },
        { at: ["#clients", ".nav"], title: gettext("Who is slow, and why"), text: gettext("Each client has a verdict. A click on its name shows the evidence.") },
        { at: ["#help-button"], title: gettext("Keys"), text: gettext("Press ? for all keys, and for this tour.") },
    ];
}

/** A browser that keeps nothing would show it on each page: there it counts as closed. */
export function isTourClosed(store = forGood) {
    return !store.isOpen || store.read(KEY) === CLOSED;
}

/** Whether an address leads to a moment or a stretch of the past: who followed such a link is not to be kept from it. */
export function leadsElsewhere(search) {
    const query = new URLSearchParams(search);
    return ["at", "from", "to"].some((name) => query.has(name));
}

/** Shows the tour where the page offers it and nobody has closed it; `?tour=1` shows it in any case. */
export function startTour(root = document.documentElement) {
    const isAsked = new URLSearchParams(location.search).get("tour") === "1";
    if ("kiosk" in root.dataset || !(isAsked || ("tour" in root.dataset && !navigator.webdriver && !leadsElsewhere(location.search) && !isTourClosed()))) return;
    if (isAsked) {
        const query = new URLSearchParams(location.search);
        query.delete("tour");
        history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
    }
    new Tour(points()).open();
}

function firstOf(selectors) {
    return selectors.map((selector) => document.querySelector(selector)).find((found) => found?.checkVisibility?.() ?? found);
}

class Tour {
    constructor(list) {
        this.list = list.map((point) => ({ ...point, target: firstOf(point.at) })).filter(({ target }) => target);
        this.index = 0;
        this.title = element("h2", { id: "tour-title" });
        this.text = element("p", { id: "tour-text" });
        this.count = element("span", { class: "tour__count" });
        this.back = element("button", { type: "button", class: "button button--quiet", text: gettext("Back") });
        this.next = element("button", { type: "button", class: "button button--primary", text: "" });
        const close = element("button", { type: "button", class: "button button--quiet", text: gettext("Close for good") });
        this.dialog = element(
            "dialog",
            { class: "dialog tour", id: "tour", "aria-labelledby": "tour-title", "aria-describedby": "tour-text" },
            this.title,
            this.text,
            element("p", { class: "dialog__buttons" }, this.count, close, this.back, this.next),
        );
        this.back.addEventListener("click", () => this.#show(this.index - 1));
        this.next.addEventListener("click", () => (this.index === this.list.length - 1 ? this.dialog.close() : this.#show(this.index + 1)));
        close.addEventListener("click", () => this.dialog.close());
        this.dialog.addEventListener("keydown", ({ key }) => {
            if (key === "ArrowRight" && this.index < this.list.length - 1) this.#show(this.index + 1);
            if (key === "ArrowLeft" && this.index > 0) this.#show(this.index - 1);
        });
        // Esc closes it, too.
        this.dialog.addEventListener("close", () => this.#end());
    }

    open() {
        document.body.append(this.dialog);
        this.dialog.showModal();
        this.#show(0);
    }

    #show(index) {
        this.list[this.index].target.classList.remove("toured");
        this.index = index;
        const { title, text, target } = this.list[index];
        setText(this.title, title);
        setText(this.text, text);
        setText(this.count, gettext("%(number)s of %(all)s", { number: index + 1, all: this.list.length }));
        setText(this.next, index === this.list.length - 1 ? gettext("Done") : gettext("Next"));
        this.back.hidden = index === 0;
        target.classList.add("toured");
        target.scrollIntoView({ block: "nearest" });
        this.#place(target.getBoundingClientRect());
        this.next.focus();
    }

    /** Below what it is about if there is room, else above it, and always on the screen. */
    #place(about) {
        const { offsetWidth: width, offsetHeight: height, style } = this.dialog;
        const below = about.bottom + GAP;
        const top = below + height < innerHeight ? below : about.top - GAP - height;
        style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
        style.left = `${Math.max(GAP, Math.min(about.left, innerWidth - width - GAP))}px`;
    }

    #end() {
        for (const { target } of this.list) target.classList.remove("toured");
        this.dialog.remove();
        forGood.write(KEY, CLOSED);
    }
}
