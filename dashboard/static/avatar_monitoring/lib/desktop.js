// Desktop notifications about alerts: only if the reader asked for them in this browser, and never while the page is seen.

import { forGood } from "./browser_store.js";
import { gettext, gettext_noop, ngettext } from "./translate.js";

const KEY = "avatar_desktop_notifications";
const MOST_AT_ONCE = 3;
const AGAIN_AFTER_MS = 60_000;

/** The groups to tell: those that were not waiting before, and that were not told within the last minute. Pure. */
export function newGroups(groups, known, toldAt, now) {
    return groups.filter(({ rule }) => !known.has(rule) && !(now - toldAt.get(rule) < AGAIN_AFTER_MS));
}

const TITLES = { critical: gettext_noop("Critical alert"), warning: gettext_noop("Warning alert"), info: gettext_noop("Info alert") };

/** One notification for each group; more than a few groups are one together. Pure. */
export function notesOf(groups) {
    if (groups.length > MOST_AT_ONCE) return [{ tag: "avatar-many", title: ngettext("%(count)s kind of alerts", "%(count)s kinds of alerts", groups.length, { count: groups.length }), body: groups.map(({ text }) => text).join("\n") }];
    return groups.map(({ rule, severity, text }) => ({ tag: `avatar-${rule}`, title: gettext(TITLES[severity] ?? TITLES.critical), body: text }));
}

export class DesktopNotifications {
    constructor({ store = forGood, browser = globalThis, page = globalThis.document } = {}) {
        Object.assign(this, { store, browser, page });
        this.known = new Set();
        this.toldAt = new Map();
    }

    get isPossible() {
        return "Notification" in this.browser;
    }

    get isBlocked() {
        return this.isPossible && this.browser.Notification.permission === "denied";
    }

    get isOn() {
        return this.isPossible && this.browser.Notification.permission === "granted" && this.store.read(KEY) === "on";
    }

    /** Switches them on or off; asks for the browser's permission if it has none. Call it on a click only. */
    async toggle() {
        if (this.isOn) this.store.write(KEY, "off");
        else if ((await this.browser.Notification.requestPermission()) === "granted") this.store.write(KEY, "on");
        return this.isOn;
    }

    /** What waited when the page was opened is no news. */
    begin(groups) {
        this.known = new Set(groups.map(({ rule }) => rule));
    }

    /** Takes what waits now, and tells what is new if the page is hidden. */
    tell(groups, now = Date.now()) {
        const news = newGroups(groups, this.known, this.toldAt, now);
        this.begin(groups);
        // Whether the reader wants them is known in another process of the browser: it is not asked with each frame.
        if (!news.length || !this.page.hidden || !this.isOn) return;
        for (const { rule } of news) this.toldAt.set(rule, now);
        for (const { title, ...options } of notesOf(news)) this.#show(title, options);
    }

    #show(title, options) {
        const note = new this.browser.Notification(title, options);
        note.onclick = () => {
            this.browser.focus?.();
            note.close();
        };
    }
}

export const desktop = globalThis.document ? new DesktopNotifications() : null;

/** The button that switches them on and off; it is hidden in browsers that have none. */
export function startDesktopButton(button) {
    if (!button || !desktop.isPossible) return;
    const show = () => {
        button.setAttribute("aria-pressed", String(desktop.isOn));
        button.disabled = desktop.isBlocked;
        button.title = desktop.isBlocked ? gettext("The browser blocks notifications of this site") : gettext("In this browser, while no tab of this page is seen");
    };
    button.hidden = false;
    button.addEventListener("click", async () => {
        await desktop.toggle();
        show();
    });
    show();
}
