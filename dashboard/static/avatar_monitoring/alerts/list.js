// The list of firing alerts on the live page: one line each, many of one rule folded, acknowledged ones last and silenced ones
// out of sight.

import { clockTime, count, plainText, UNKNOWN } from "../lib/format.js";
import { element, icon, setAttribute, setIcon, setText } from "../lib/element.js";
import { labelOf, standing, textOf } from "../lib/alert_words.js";
import { ruleOf } from "../lib/attention.js";
import { gettext, gettext_noop, ngettext } from "../lib/translate.js";
import { momentURL } from "../lib/moment_link.js";
import { severityIcon, severityRank, severityText } from "../lib/severity.js";

const SINGLE_OF_A_RULE = 3;
const SILENCED = "silenced";
const ACTS = { acknowledge: gettext_noop("Acknowledge"), comment: gettext_noop("Comment"), silence: gettext_noop("Silence"), resolve: gettext_noop("Resolve") };

export class AlertsList {
    /** `liveURL` is the address of the live page, empty if no moment of the past can be shown. */
    constructor(root, { mayAnswer = false, liveURL = "" } = {}) {
        Object.assign(this, { root, mayAnswer, liveURL, list: root.querySelector("[data-list]"), url: root.dataset.alertsUrl });
        this.lines = new Map();
        this.folds = new Map();
    }

    show({ alerts, alerts_total: total = alerts.length, timestamp, isPast = false, areAlertsKnown = true }) {
        this.root.dataset.count = String(total);
        setText(this.root.querySelector("[data-count-text]"), countText(alerts.length, total) || (areAlertsKnown ? gettext("none") : UNKNOWN));
        const used = new Set();
        const line = (alert) => {
            const key = keyOf(alert);
            used.add(key);
            if (!this.lines.has(key)) this.lines.set(key, newLine(alert, this.url, this.mayAnswer));
            fill(this.lines.get(key), alert, timestamp, isPast);
            fillReplay(this.lines.get(key).querySelector("[data-replay]"), alert, this.liveURL);
            return this.lines.get(key);
        };
        const shown = entries(alerts).map(({ fold, alerts: [first, ...others] }) => {
            if (!fold) return line(first);
            used.add(fold);
            if (!this.folds.has(fold)) this.folds.set(fold, newFold());
            return fillFold(this.folds.get(fold), fold, [first, ...others], [first, ...others].map(line));
        });
        place(this.list, shown);
        for (const known of [this.lines, this.folds]) for (const key of known.keys()) if (!used.has(key)) known.delete(key);
    }
}

const keyOf = (alert) => `alert ${ruleOf(alert)} ${alert.subject}`;

/** `[{fold, alerts}]` in the order in which they are shown; without `fold` it is one alert. Pure. */
export function entries(alerts) {
    const seen = alerts.filter((alert) => !alert.silenced).sort(byImportance);
    const silenced = alerts.filter((alert) => alert.silenced).sort(byImportance);
    const ofRule = Map.groupBy ? Map.groupBy(seen, foldOf) : groupedBy(seen, foldOf);
    const found = [...ofRule].flatMap(([fold, together]) => (together.length > SINGLE_OF_A_RULE ? [{ fold, alerts: together }] : together.map((alert) => ({ fold: "", alerts: [alert] }))));
    found.sort((a, b) => byImportance(a.alerts[0], b.alerts[0]));
    return silenced.length ? [...found, { fold: SILENCED, alerts: silenced }] : found;
}

const foldOf = (alert) => `${alert.acknowledged ? "acknowledged" : "open"} ${ruleOf(alert)}`;

function groupedBy(alerts, keyFor) {
    const found = new Map();
    for (const alert of alerts) found.set(keyFor(alert), [...(found.get(keyFor(alert)) ?? []), alert]);
    return found;
}

/** What nobody has acknowledged first, then the most severe, then the newest. */
function byImportance(a, b) {
    return Number(Boolean(a.acknowledged)) - Number(Boolean(b.acknowledged)) || severityRank(a.severity) - severityRank(b.severity) || b.timestamp - a.timestamp;
}

/** Puts the elements into this order; one that is in its place already is not touched, and keeps the focus. */
function place(parent, children) {
    const focused = parent.contains(document.activeElement) ? document.activeElement : null;
    children.forEach((child, index) => {
        if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
    });
    while (parent.children.length > children.length) parent.lastElementChild.remove();
    // What is moved loses the focus.
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

function newLine(alert, url, mayAnswer) {
    const about = { rule: ruleOf(alert), subject: alert.subject };
    const link = element("a", { class: "alert-list__message", href: `${url}?${new URLSearchParams({ ...about, state: "firing" })}` });
    const severity = element("span", { class: "alert-list__severity" });
    const since = element("span", { class: "alert-list__since" });
    const examples = element("details", { class: "alert-list__examples", hidden: true }, element("summary"), element("p"));
    const tools = element("span", { class: "alert-list__tools", role: "group" });
    tools.append(element("a", { class: "button button--small button--quiet", "data-replay": true, text: gettext("Replay"), "aria-label": gettext("Replay the second in which this alert began") }));
    if (isAddress(alert.runbook)) tools.append(element("a", { class: "button button--small button--quiet", href: alert.runbook, rel: "noreferrer noopener", text: gettext("Runbook") }));
    if (mayAnswer) tools.append(...Object.keys(ACTS).map((act) => toolOf(act, about)));
    return element("li", {}, icon("info"), severity, link, element("span", { class: "alert-list__states" }), since, tools, examples);
}

function toolOf(act, { rule, subject }) {
    const matchers = act === "silence" ? JSON.stringify({ rule, subject }) : null;
    return element("button", { type: "button", class: "button button--small button--quiet", "data-act": act, "data-rule": rule, "data-subject": subject, "data-matchers": matchers, text: gettext(ACTS[act]) });
}

function fill(line, alert, now, isPast) {
    const [mark, severity, message, states, since, tools, examples] = line.children;
    const text = textOf(alert);
    line.dataset.severity = alert.severity;
    line.toggleAttribute("data-acknowledged", Boolean(alert.acknowledged));
    setIcon(mark, severityIcon(alert.severity));
    setText(severity, severityText(alert.severity));
    setText(message, text);
    setText(states, stateText(alert));
    setText(since, standing(alert, now, isPast));
    tools.hidden = isPast;
    setAttribute(tools, "aria-label", text);
    for (const button of tools.children) setAttribute(button, "data-said", text);
    fillAcknowledge(tools.querySelector("button"), Boolean(alert.acknowledged));
    fillExamples(examples, alert);
}

function fillReplay(link, { since, timestamp }, liveURL) {
    link.hidden = liveURL === "";
    if (liveURL) setAttribute(link, "href", momentURL(liveURL, since ?? timestamp));
}

const isAddress = (text) => /^https?:\/\//.test(text ?? "");

function fillAcknowledge(button, isAcknowledged) {
    if (!button) return;
    setAttribute(button, "data-act", isAcknowledged ? "unacknowledge" : "acknowledge");
    setText(button, isAcknowledged ? gettext("Undo") : gettext("Acknowledge"));
}

function fillExamples(details, { examples = [] }) {
    details.hidden = examples.length === 0;
    setText(details.firstElementChild, ngettext("%(count)s of these clients", "%(count)s of these clients", examples.length, { count: count(examples.length) }));
    setText(details.lastElementChild, examples.map(plainText).join(", "));
}

function newFold() {
    return element("li", { class: "alert-list__fold" }, element("details", {}, element("summary", {}, icon("info"), element("span")), element("ul", { class: "alert-list" })));
}

function fillFold(fold, name, alerts, lines) {
    const [summary, list] = fold.firstElementChild.children;
    fold.dataset.severity = alerts[0].severity;
    setIcon(summary.firstElementChild, name === SILENCED ? "mute" : severityIcon(alerts[0].severity));
    setText(summary.lastElementChild, foldText(name, alerts));
    place(list, lines);
    return fold;
}

/** "7 alerts: Silent clients", "2 silenced". Pure. */
export function foldText(name, alerts) {
    const facts = { count: count(alerts.length), label: labelOf(ruleOf(alerts[0]), alerts[0].metric) };
    if (name === SILENCED) return ngettext("%(count)s silenced", "%(count)s silenced", alerts.length, facts);
    if (alerts[0].acknowledged) return ngettext("%(count)s alert: %(label)s, acknowledged", "%(count)s alerts: %(label)s, acknowledged", alerts.length, facts);
    return ngettext("%(count)s alert: %(label)s", "%(count)s alerts: %(label)s", alerts.length, facts);
}

/** "acknowledged by kim until 14:05 · flapping"; empty if there is nothing to say. Pure. */
export function stateText({ acknowledged, silenced, flapping }) {
    const said = [acknowledged ? acknowledgedText(acknowledged) : "", silenced ? gettext("silenced") : "", flapping ? gettext("flapping") : ""];
    return said.filter(Boolean).join(" · ");
}

function acknowledgedText({ by, until }) {
    const facts = { by: plainText(by), time: until ? clockTime(secondsOf(until), false) : "" };
    return until ? gettext("acknowledged by %(by)s until %(time)s", facts) : gettext("acknowledged by %(by)s", facts);
}

const secondsOf = (moment) => (typeof moment === "number" ? moment : Date.parse(moment) / 1000);

/** How many alerts fire and how many of them are listed; empty if none fires. */
export function countText(told, total) {
    if (total === 0) return "";
    return told < total ? gettext("%(shown)s of %(total)s", { shown: count(told), total: count(total) }) : count(total);
}
