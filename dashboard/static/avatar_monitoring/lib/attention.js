// What waits for somebody, on every page: counted in the title, and told on the desktop if the reader wants that.
//
// Pages with a live connection count the alerts of its frames at once. All pages ask the server every half minute, which
// also knows the alerts that no node measures; a page without a live connection counts what the server says.

import { askForJSON, statusText } from "./server_answer.js";
import { desktop } from "./desktop.js";
import { element } from "./element.js";
import { gettext } from "./translate.js";
import { pageTitle } from "./title.js";
import { textOf } from "./alert_words.js";

const EVERY_MS = 30_000;
const EVERY_MS_WHILE_AWAY = 10_000;
const REFUSALS = [401, 403];

/** Whether nobody has acknowledged or silenced an alert of a frame. */
export function isWaiting(alert) {
    return !alert.acknowledged && !alert.silenced;
}

export const ruleOf = (alert) => alert.rule ?? alert.metric;

/** `{count, groups: [{rule, severity, count, text}]}` of a live frame and of the server's last answer. Pure. */
export function waitingIn(frame, answer) {
    const waiting = frame.alerts.filter(isWaiting);
    const listed = new Set(frame.alerts.map((alert) => `${ruleOf(alert)} ${alert.subject}`));
    const unlisted = Math.max(0, (frame.alerts_total ?? frame.alerts.length) - frame.alerts.length);
    const others = (answer?.others ?? []).filter(([rule, subject]) => !listed.has(`${rule} ${subject}`));
    const groups = new Map();
    for (const alert of waiting) {
        const known = groups.get(ruleOf(alert));
        if (known) known.count += 1;
        else groups.set(ruleOf(alert), { rule: ruleOf(alert), severity: alert.severity, count: 1, text: textOf(alert) });
    }
    const rules = new Set(others.map(([rule]) => rule));
    const more = (answer?.groups ?? []).filter(({ rule }) => rules.has(rule) && !groups.has(rule));
    return { count: waiting.length + unlisted + others.length, groups: [...groups.values(), ...more] };
}

class Attention {
    constructor() {
        this.url = document.getElementById("icon")?.dataset.waitingUrl;
        const known = document.getElementById("attention");
        this.answer = known ? JSON.parse(known.textContent) : null;
        this.frame = null;
        this.isLive = false;
        this.isAway = false;
        if (!this.answer || !this.url) return;
        desktop.begin(this.answer.groups);
        pageTitle.tell(this.answer.count);
        this.#wait(EVERY_MS);
    }

    /** A frame of the live connection has arrived. */
    takeFrame(frame) {
        Object.assign(this, { frame, isLive: true });
        pageTitle.away(false);
        this.#show();
    }

    /** A fresh copy of the page says what waits. */
    takePage(page) {
        const known = page.getElementById("attention");
        if (!known) return;
        this.answer = JSON.parse(known.textContent);
        this.#show();
    }

    /** The live connection is lost: nobody knows how many alerts wait. */
    setAway(isAway) {
        this.isAway = isAway;
        if (isAway) this.isLive = false;
        pageTitle.away(isAway);
    }

    /** The live connection has ended for good: the server is asked what waits, if it still tells this reader. */
    leave() {
        this.isLive = false;
        if (this.url) this.ask();
    }

    /** Asks at once, for example after an answer was given. */
    async ask() {
        clearTimeout(this.timer);
        let status = 200;
        try {
            this.answer = await askForJSON(this.url);
        } catch (error) {
            ({ status } = error);
        }
        const isAway = status === 0 || status >= 500;
        const isRefused = REFUSALS.includes(status);
        // Whoever is signed out sees no numbers.
        if (isRefused) this.answer = null;
        pageTitle.away(isAway && !this.isLive);
        tellRefusal(isRefused ? status : null);
        if (!isAway) this.#show();
        this.#wait(isAway ? EVERY_MS_WHILE_AWAY : EVERY_MS);
    }

    #wait(milliseconds) {
        this.timer = setTimeout(() => this.ask(), milliseconds);
    }

    #show() {
        const { count, groups } = this.isLive ? waitingIn(this.frame, this.answer) : this.answer ?? { count: 0, groups: [] };
        pageTitle.tell(count);
        desktop.tell(groups);
    }
}

/** Says that the reader may no longer see this page, on pages without a live connection, whose banner says it. */
function tellRefusal(status) {
    const known = document.getElementById("no-longer");
    if (status === null) known?.remove();
    if (status === null || known || document.getElementById("banner") || "kiosk" in document.documentElement.dataset) return;
    const text = gettext("This page is no longer kept up to date: %(reason)s.", { reason: statusText(status) });
    const again = element("a", { href: location.href, text: gettext("Reload") });
    document.getElementById("main").prepend(element("p", { class: "notice notice--warning", id: "no-longer", role: "alert" }, text, " ", again));
}

export const attention = globalThis.document ? new Attention() : null;
