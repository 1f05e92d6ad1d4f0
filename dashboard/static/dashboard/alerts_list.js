// The alerts that fire now. Many clients gone silent at once are one line, not a page of them.

import { countText, grouped, standing } from "./alert_groups.js";
import { count, duration, plainText, UNKNOWN } from "./format.js";
import { element, icon, setIcon, setText, sized } from "./element.js";

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
    setText(details.firstElementChild, `${count(staleTotal)} clients are stale: nothing came from them for ${duration(stale[0].threshold)} or more`);
    const names = stale.slice(0, NAMED_STALE).map((alert) => alert.subject);
    setText(details.lastElementChild, names.map(plainText).join(", ") + (staleTotal > names.length ? " …" : ""));
}
