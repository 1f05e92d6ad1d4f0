// Pages about alerts refresh themselves: a page requests itself again and replaces only what has changed.

import { askServer } from "../lib/server_answer.js";
import { attention } from "../lib/attention.js";
import { clockTime } from "../lib/format.js";
import { gettext } from "../lib/translate.js";
import { serverClock, showLocalTimes, tellFromPage, zoned } from "../lib/time.js";
import { setText } from "../lib/element.js";

/** `every()` returns how many milliseconds to wait until the next refresh; `onShown()` is called after a change. */
export class RefreshedPart {
    constructor(id, { every, keep = () => {} }) {
        Object.assign(this, { id, every, keep, shown: document.getElementById(id), isAsking: false });
        this.freshness = document.getElementById("freshness");
        this.source = this.shown.innerHTML;
        tellFromPage();
        this.freshAt = serverClock.now;
        this.#tell(() => gettext("Updated %(time)s", { time: clockTime(this.freshAt) }), false);
        this.#wait();
        document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    }

    async refresh() {
        if (this.isAsking || document.hidden) return this.#wait();
        this.isAsking = true;
        try {
            const response = await askServer(location.href, { headers: { Accept: "text/html" } });
            const page = new DOMParser().parseFromString(await response.text(), "text/html");
            tellFromPage(page);
            attention.takePage(page);
            if (!this.#take(page)) return;
            this.freshAt = serverClock.now;
            this.#tell(() => gettext("Updated %(time)s", { time: clockTime(this.freshAt) }), false);
        } catch (error) {
            console.info("The page was not refreshed:", error.message);
            this.#tell(() => gettext("Not updated since %(time)s: %(reason)s", { time: clockTime(this.freshAt), reason: error.message }), true);
        } finally {
            this.isAsking = false;
            this.#wait();
        }
    }

    #wait() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.refresh(), this.every());
    }

    /** Returns whether the page now shows what the server does: what the reader uses stays as it is until then. */
    #take(page) {
        const fresh = page.getElementById(this.id);
        if (!fresh) throw new Error(gettext("the answer is not this page"));
        const source = fresh.innerHTML;
        if (source === this.source || isSelected(this.shown) || this.#isInUse()) {
            showLocalTimes(this.shown);
            return source === this.source;
        }
        this.source = source;
        const focused = this.shown.contains(document.activeElement) ? placeOf(document.activeElement) : null;
        const scrolled = [...this.shown.querySelectorAll(".scroller")].map((scroller) => scroller.scrollLeft);
        const open = [...this.shown.querySelectorAll("details[open]")].map((details) => details.closest("[id]")?.id);
        this.keep(fresh);
        this.shown.replaceChildren(...document.adoptNode(fresh).childNodes);
        for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
        showLocalTimes(this.shown);
        this.shown.querySelectorAll(".scroller").forEach((scroller, index) => { scroller.scrollLeft = scrolled[index] ?? 0; });
        // What is gone from the list has left its place to the next (lib/focus_keeper.js).
        if (focused) this.shown.querySelector(focused)?.focus({ preventScroll: true });
        return true;
    }

    // A dialog is about what the reader saw when it was opened.
    #isInUse() {
        return document.querySelector("dialog[open]") !== null;
    }

    #tell(write, isStale) {
        if (!this.freshness) return;
        // Screen readers announce a failure, not every refresh.
        if (isStale) this.freshness.setAttribute("role", "status");
        else this.freshness.removeAttribute("role");
        this.freshness.classList.toggle("behind", isStale);
        zoned(this.freshness, write);
    }
}

/** The reader may be about to copy a selection: the next refresh is soon enough. */
function isSelected(root) {
    const selection = getSelection();
    return !selection.isCollapsed && root.contains(selection.anchorNode);
}

/** A selector that finds the same element in the fresh list. */
function placeOf(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const names = ["href", "aria-label", "data-act", "data-end", "data-alert", "data-filter", "data-rule", "data-subject"].filter((name) => element.hasAttribute(name));
    return `${element.localName}${names.map((name) => `[${name}="${CSS.escape(element.getAttribute(name))}"]`).join("")}`;
}
