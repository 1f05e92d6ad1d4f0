// Past episodes by place: older ones are added below when the reader reaches the end of the list.

import { askServer } from "../lib/server_answer.js";
import { gettext } from "../lib/translate.js";
import { showLocalTimes } from "../lib/time.js";
import { tellDone } from "../lib/post.js";

const AHEAD_PIXELS = 400;

export class OlderRows {
    constructor() {
        this.isAsking = false;
        this.hasMore = false;
        this.observer = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && this.load(), { rootMargin: `${AHEAD_PIXELS}px` });
        this.#watch();
        document.addEventListener("click", (event) => {
            if (!event.target.closest?.("#load-older") || event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            this.load();
        });
    }

    async load() {
        const link = document.getElementById("load-older");
        if (!link || this.isAsking) return;
        this.isAsking = true;
        this.observer.disconnect();
        try {
            const response = await askServer(link.href, { headers: { Accept: "text/html" } });
            const page = new DOMParser().parseFromString(await response.text(), "text/html");
            const rows = page.getElementById("past-alerts");
            if (!rows) throw new Error(gettext("the answer is not this page"));
            this.#append([...rows.children], page.getElementById("older"));
            this.#watch();
        } catch (error) {
            // The link stays: the reader may try again.
            tellDone(gettext("Older alerts were not loaded: %(reason)s.", { reason: error.message }), true);
        } finally {
            this.isAsking = false;
        }
    }

    /** Puts the older rows that the reader has loaded into a fresh copy of the list, which ends where it began. */
    keep(fresh) {
        const [shown, rows] = [document.getElementById("past-alerts"), fresh.querySelector("#past-alerts")];
        if (!this.hasMore || !shown || !rows) return;
        const known = new Set([...rows.children].map((row) => row.dataset.alertRow));
        rows.append(...[...shown.children].filter((row) => !known.has(row.dataset.alertRow)));
        fresh.querySelector("#older")?.replaceWith(document.getElementById("older"));
        queueMicrotask(() => this.#watch());
    }

    #append(rows, foot) {
        const list = document.getElementById("past-alerts");
        const known = new Set([...list.children].map((row) => row.dataset.alertRow));
        list.append(...rows.filter((row) => !known.has(row.dataset.alertRow)).map((row) => document.adoptNode(row)));
        document.getElementById("older").replaceWith(document.adoptNode(foot));
        this.hasMore = true;
        showLocalTimes(list);
    }

    #watch() {
        const link = document.getElementById("load-older");
        if (link) this.observer.observe(link);
    }
}
