// What says that the page shows the past: heading, frame, page title and address. Nobody shall take it for the present.

import { headingText, momentText, noteText, titleText } from "./past_words.js";
import { searchWith, trendsAround } from "./past_address.js";
import { setAttribute, setText } from "./element.js";
import { date } from "./format.js";

const ADDRESS_EVERY_MS = 1000;
const byId = (id) => document.getElementById(id);

export class PastHead {
    constructor(trendsURL) {
        this.trendsURL = trendsURL;
        this.siteName = document.title.split(" · ").at(-1);
        this.addressAt = -Infinity;
        keepHeightOf(document.querySelector(".topbar"));
    }

    /** `what` is about the shown moment: `{at, now, tier, isLoaded, isKnown, isWhole, hasEnded, isPlaying, failure}`. */
    show(what) {
        const { at, now, tier } = what;
        document.body.toggleAttribute("data-past", true);
        setText(byId("live-title"), headingText(at, now, tier));
        setText(byId("past-moment"), date(at));
        document.title = titleText(at, now, tier, this.siteName);
        this.#note(what);
        this.#address(at, what.isPlaying);
    }

    leave() {
        document.body.toggleAttribute("data-past", false);
        setText(byId("live-title"), "Live");
        setText(byId("past-moment"), "");
        byId("past-note").hidden = true;
        this.#address(null, false);
    }

    /** Says what was wrong with the address. */
    complain(text) {
        const note = byId("past-note");
        note.hidden = text === "";
        setText(byId("past-note-text"), text);
        byId("past-trends").hidden = true;
    }

    #note(what) {
        this.complain(noteText(what));
        const link = byId("past-trends");
        link.hidden = what.tier !== "minute";
        setAttribute(link, "href", trendsAround(this.trendsURL, what.at, what.now));
        setText(link, `Trends around ${momentText(what.at, what.now, "minute")}`);
    }

    // Browsers allow a page about three changes of its address in a second.
    #address(at, isPlaying) {
        const now = performance.now();
        if (isPlaying && now - this.addressAt < ADDRESS_EVERY_MS) return;
        this.addressAt = now;
        const search = searchWith(location.search, at);
        if (search !== location.search) history.replaceState(history.state, "", `${location.pathname}${search}${location.hash}`);
    }
}

/** The bar at the top is one line or two: what sticks below it has to know. */
function keepHeightOf(topbar) {
    const keep = () => document.documentElement.style.setProperty("--topbar", `${topbar.offsetHeight}px`);
    new ResizeObserver(keep).observe(topbar);
    keep();
}
