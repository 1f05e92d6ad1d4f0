// The list of firing alerts. Many stale clients are one line.

import { bySeverity } from "../lib/severity.js";
import { count, duration, isKnown, milliseconds, percent, plainText, UNKNOWN } from "../lib/format.js";
import { element, icon, setIcon, setText, sized } from "../lib/element.js";

const NAMED_STALE = 40;

export class AlertsList {
    constructor(root) {
        this.root = root;
        this.list = root.querySelector("[data-list]");
    }

    show({ alerts, alerts_total: total = alerts.length, timestamp, isPast = false, areAlertsKnown = true }) {
        this.root.dataset.count = String(total);
        const none = areAlertsKnown ? "none" : UNKNOWN;
        setText(this.root.querySelector("[data-count-text]"), countText(alerts.length, total) || none);
        const { single, stale } = grouped(alerts);
        const lines = sized(this.list, single.length + (stale.length ? 1 : 0), newLine);
        single.forEach((alert, index) => fill(lines[index], alert, timestamp, isPast));
        if (stale.length) fillGroup(lines[single.length], stale, stale.length + total - alerts.length);
    }
}

function newLine() {
    const details = element("details", { hidden: true }, element("summary"), element("p"));
    const message = element("span", { class: "alert-list__message" });
    const subject = element("span", { class: "alert-list__subject" }, element("bdi"));
    return element("li", {}, icon("info"), message, subject, details, element("span", { class: "alert-list__since" }));
}

function fill(line, alert, now, isPast) {
    const [mark, message, subject, details, since] = line.children;
    line.dataset.severity = alert.severity;
    setIcon(mark, alert.severity === "warning" ? "alert" : "info");
    setText(message, plainText(alert.message));
    setText(subject.firstElementChild, alert.message.includes(alert.subject) ? "" : plainText(alert.subject));
    setText(since, standing(alert, now, isPast));
    details.hidden = true;
}

function fillGroup(line, stale, staleTotal) {
    const [mark, message, subject, details, since] = line.children;
    line.dataset.severity = "info";
    setIcon(mark, "info");
    setText(message, "");
    setText(subject.firstElementChild, "");
    setText(since, "");
    details.hidden = false;
    setText(details.firstElementChild, `${count(staleTotal)} clients are stale: they have sent nothing for ${duration(stale[0].threshold)} or more`);
    const names = stale.slice(0, NAMED_STALE).map((alert) => alert.subject);
    setText(details.lastElementChild, names.map(plainText).join(", ") + (staleTotal > names.length ? " …" : ""));
}

const STALE = "stale_client_seconds";
const SINGLE_STALE = 3;
const WORDS = { cpu_percent: percent, memory_percent: percent, latency_ms: milliseconds, evictable_percent: percent };

/** Alerts to list singly, and stale clients if there are too many of them for that. */
export function grouped(alerts) {
    const stale = alerts.filter((alert) => alert.metric === STALE);
    if (stale.length <= SINGLE_STALE) return { single: bySeverity(alerts), stale: [] };
    return { single: bySeverity(alerts.filter((alert) => alert.metric !== STALE)), stale };
}

/** How many alerts fire and how many of them are listed; empty if none fires. */
export function countText(told, total) {
    if (total === 0) return "";
    return told < total ? `${count(told)} of ${count(total)}` : count(total);
}

/** "now 28.8 % · peak 97.1 % · for 9 min"; for the past only the peak of the episode is known. */
export function standing({ metric, current, peak, timestamp }, now, isPast = false) {
    const words = WORDS[metric] ?? duration;
    const said = isPast ? [] : [`now ${words(current)}`];
    if (isKnown(peak)) said.push(`peak ${words(peak)}`);
    return [...said, `for ${duration(now - timestamp)}`].join(" · ");
}
