// The tab's title and icon: what the page shows, how many alerts wait for somebody, and whether the server answers.

import { gettext } from "./translate.js";

const MOST = 10;

/** "(3) Live · Site", "Server away · Live · Site". */
export function titleOf({ plain, count, isAway }) {
    if (isAway) return gettext("Server away · %(title)s", { title: plain });
    return count ? `(${count}) ${plain}` : plain;
}

export class PageTitle {
    constructor(page = document) {
        this.page = page;
        this.plain = page.title.replace(/^\(\d+\) /, "");
        this.count = 0;
        this.isAway = false;
        this.icon = page.getElementById("icon");
        this.plainIcon = this.icon?.dataset.plain ?? "";
        // Loaded now, because a server that is away cannot send it.
        if (this.icon?.dataset.away && globalThis.Image) new Image().src = this.icon.dataset.away;
    }

    /** Changes what the page shows; null for what it showed at first. */
    name(text = null) {
        this.#show({ shown: text });
    }

    tell(count) {
        this.#show({ count });
    }

    away(isAway) {
        this.#show({ isAway });
    }

    #show(change) {
        Object.assign(this, change);
        const title = titleOf({ plain: this.shown ?? this.plain, count: this.count, isAway: this.isAway });
        if (this.page.title !== title) this.page.title = title;
        const icon = this.isAway && this.icon?.dataset.away ? this.icon.dataset.away : this.count ? `${this.icon?.dataset.countingUrl}?count=${Math.min(this.count, MOST)}` : this.plainIcon;
        if (this.icon && this.icon.getAttribute("href") !== icon) this.icon.setAttribute("href", icon);
    }
}

export const pageTitle = globalThis.document ? new PageTitle() : null;
