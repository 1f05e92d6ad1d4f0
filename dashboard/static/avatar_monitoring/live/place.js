// Where the live page is: the stretch that its charts show and the moment, kept in the address, so that Back, reloading and a
// copied link show the same.

import { momentOf } from "../past/head.js";
import { onCopyLink } from "../lib/copy_link.js";
import { stamp } from "../lib/time.js";

const HOUR = 3600;

export class LivePlace {
    /** `travel()` is the TimeTravel, `pausedAt()` the moment that a pause holds, null without one. `onChange()` is called when other charts are to be shown. */
    constructor(view, { travel, pausedAt, onChange }) {
        Object.assign(this, { view, travel, onChange });
        view.read(location.search);
        addEventListener("popstate", () => this.#restore());
        document.addEventListener("click", (event) => this.#clicked(event));
        onCopyLink((query) => {
            query.set("window", String(view.seconds));
            const at = pausedAt();
            if (at !== null) query.set("at", stamp(at));
        });
    }

    /** Shows what the address says. A stretch from before the last hour is one of the past. */
    follow() {
        const travel = this.travel();
        travel.followAddress();
        if (!travel.isPast && this.view.zoom?.from < travel.now - HOUR) travel.player.goTo(this.view.zoom.to);
    }

    choose(seconds) {
        this.view.choose(seconds);
        this.#write("replaceState");
    }

    zoom(start, end) {
        if (this.view.zoomTo(start, end)) this.#write("pushState");
        else this.onChange();
    }

    reset() {
        this.view.reset();
        this.#write("pushState");
    }

    /** A stretch that no longer holds the shown moment, or is older than what the live page knows, is left. */
    settle() {
        const { isPast, now, player } = this.travel();
        const { zoom } = this.view;
        if (zoom === null || (isPast ? this.view.holds(player.at) : zoom.from >= now - HOUR)) return;
        this.view.reset();
        this.#write("replaceState");
    }

    /** Goes to a page; a moment is shown without loading this page again. */
    open(url) {
        const address = new URL(url, location.href);
        const at = address.pathname === location.pathname ? momentOf(address.search, this.travel().now).at : null;
        if (at === null) location.assign(url);
        else {
            history.pushState(history.state, "", location.href);
            this.travel().player.goTo(at);
        }
    }

    #clicked(event) {
        const link = event.target instanceof Element ? event.target.closest("a[href*='?at=']") : null;
        const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
        if (!link || !isPlain || link.getAttribute("href").split("?")[0] !== location.pathname) return;
        event.preventDefault();
        this.open(link.getAttribute("href"));
    }

    #write(how) {
        const search = this.view.write(location.search);
        if (search !== location.search) history[how](history.state, "", `${location.pathname}${search}${location.hash}`);
        this.onChange();
    }

    #restore() {
        this.view.read(location.search);
        const { at } = momentOf(location.search, this.travel().now);
        const { player } = this.travel();
        if (at === null) player.backToLive();
        else if (at !== player.at) player.goTo(at);
        this.onChange();
    }
}
