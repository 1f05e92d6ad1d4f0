// What waits for somebody, on every page: counted in the title, and told on the desktop if the reader wants that.
//
// Pages with a live connection count the alerts of its frames at once. All pages ask the server every half minute, which
// also knows the alerts that no node measures; a page without a live connection counts what the server says.

import { desktop } from "./desktop.js";
import { pageTitle } from "./title.js";
import { textOf } from "./alert_words.js";

const EVERY_MS = 30_000;
const EVERY_MS_WHILE_AWAY = 10_000;
const LONGEST_WAIT_MS = 15_000;

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

    /** Asks at once, for example after an answer was given. */
    async ask() {
        clearTimeout(this.timer);
        let next = EVERY_MS;
        try {
            const answer = await fetch(this.url, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(LONGEST_WAIT_MS) });
            if (answer.status >= 500) throw new Error(`the server answered ${answer.status}`);
            // Whoever is signed out sees no numbers; the page itself says so.
            if (answer.ok) this.answer = await answer.json();
            pageTitle.away(false);
            this.#show();
        } catch {
            pageTitle.away(!this.isLive);
            next = EVERY_MS_WHILE_AWAY;
        }
        this.#wait(next);
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

export const attention = globalThis.document ? new Attention() : null;
