// The six cards at the top of the live page: a number, its band, a note and the line of the last minute.

import { band, BANDS, bandWhileFiring } from "../lib/severity.js";
import { compact, count, duration, isKnown, megabytes, number, scaledBytes, UNKNOWN, whyNoLatency } from "../lib/format.js";
import { element, setAttribute, setIcon, setText, sized } from "../lib/element.js";
import { gettext, gettext_noop, ngettext } from "../lib/translate.js";
import { measuredLatency } from "../charts/series_buffer.js";

const SPARK_SECONDS = 60;
const SPARK_WIDTH = 120;
const SPARK_HEIGHT = 30;
const SPARKS = {
    cpu: { columns: ["cpu_percent"], ceiling: 100 },
    memory: { columns: ["memory_percent"], ceiling: 100 },
    network: { columns: ["sent", "received"], ceiling: 1024 },
    connections: { columns: ["active_connections"], ceiling: 4 },
    rate: { columns: ["messages_per_second"], ceiling: 4 },
    latency: { columns: ["p50_latency_ms", "p95_latency_ms"], ceiling: 4 },
};

/** The metrics whose limits the cards show. */
const METRICS = { cpu: "cpu_percent", memory: "memory_percent", latency: "latency_ms" };

export class Cards {
    /** `rules` are those in force, with their limits. */
    constructor(root, rules) {
        this.rules = rules;
        this.cards = [...root.querySelectorAll("[data-card]")];
    }

    show(frame, buffer) {
        const values = cardValues(frame, buffer.rates(), this.rules.thresholds);
        for (const card of this.cards) {
            const key = card.dataset.card;
            fill(card, values[key]);
            setText(card.querySelector("[data-limit]"), METRICS[key] ? this.rules.textOf(METRICS[key]) : "");
            drawSpark(card, SPARKS[key], buffer);
        }
    }
}

function fill(card, { figures, note, band, missing = false }) {
    const holder = card.querySelector("[data-values]");
    holder.classList.toggle("card__values--pair", figures.length > 1);
    const nodes = sized(holder, figures.length, () => element("p", { class: "figure" }));
    figures.forEach((figure, index) => fillFigure(nodes[index], figure));
    const noteNode = card.querySelector("[data-note]");
    setText(noteNode, note);
    setAttribute(noteNode, "title", note);
    card.dataset.band = band;
    card.toggleAttribute("data-missing", missing);
    const badge = card.querySelector(".band");
    badge.hidden = band === "unlimited";
    setIcon(badge.firstElementChild, BANDS[band].icon);
    setText(badge.lastElementChild, missing ? gettext("missing") : gettext(BANDS[band].text));
}

function fillFigure(node, { mark, text, unit, title = "" }) {
    setAttribute(node, "title", title);
    const names = ["figure__mark", "figure__number", "figure__unit"];
    const parts = sized(node, names.length, () => element("span", { class: names[node.children.length] }));
    [mark, text, unit].forEach((part, index) => {
        parts[index].className = names[index];
        setText(parts[index], part);
    });
}

function drawSpark(card, { columns, ceiling }, buffer) {
    const [, ...series] = buffer.window(SPARK_SECONDS, columns);
    const highest = Math.max(ceiling, ...series.flat().filter((value) => value !== null));
    card.querySelectorAll(".spark__line").forEach((path, index) => {
        setAttribute(path, "d", sparklinePath(series[index] ?? [], SPARK_WIDTH, SPARK_HEIGHT, highest));
    });
}

/** `{key: {figures: [{mark, text, unit, title}], note, band, missing}}` for a frame, where a `title` is the exact value of what is scaled; `rates` are in bytes per second. */
export function cardValues({ system, server, alerts = [] }, rates, thresholds) {
    const firing = new Set(alerts.map(({ metric }) => metric));
    const banded = (value, metric) => bandWhileFiring(value, thresholds[metric], firing.has(metric));
    return {
        ...systemCards(system, rates, banded),
        connections: {
            figures: [figure(count(server.active_connections))],
            note: clientsNote(server),
            band: band(server.active_connections),
        },
        rate: {
            figures: [figure(number(server.messages_per_second), "/s")],
            note: isKnown(server.total_messages) ? gettext("%(count)s in %(time)s", { count: count(server.total_messages), time: duration(server.uptime_seconds) }) : "",
            band: band(server.messages_per_second),
        },
        latency: latencyCard(server, banded),
    };
}

function systemCards(system, rates, banded) {
    return {
        cpu: unread(system, "cpu", system.cpu_percent) ?? {
            figures: [figure(number(system.cpu_percent), "%")],
            note: "",
            band: banded(system.cpu_percent, "cpu_percent"),
        },
        memory: unread(system, "memory", system.memory_percent) ?? {
            figures: [figure(number(system.memory_percent), "%")],
            note: memoryNote(system),
            band: banded(system.memory_percent, "memory_percent"),
        },
        network: unread(system, "network", system.network_sent_mb) ?? {
            figures: [rateFigure(gettext("↑ sent"), rates.sent), rateFigure(gettext("↓ received"), rates.received)],
            note: isKnown(system.network_sent_mb) ? gettext("↑ %(sent)s  ↓ %(received)s in total", { sent: megabytes(system.network_sent_mb), received: megabytes(system.network_recv_mb) }) : "",
            band: band(rates.sent),
        },
    };
}

/** What the servers say most often about a reading that is missing; what an operating system says is shown as it is. */
const REASONS = [gettext_noop("known from the second reading on"), gettext_noop("psutil is not installed: pip install psutil, or the extra avatar-monitoring[system]")];

/** The card for a reading of the host that is missing, with the reason; null if there is a reading or no known reason. */
function unread({ reason }, part, value) {
    if (isKnown(value) || !reason) return null;
    const own = reason.split("; ").find((one) => one.startsWith(`${part}: `));
    const note = own ? own.slice(part.length + 2) : reason;
    return { figures: [figure(gettext("not collected"))], note: REASONS.includes(note) ? gettext(note) : note, band: "unknown", missing: true };
}

/** Viewers are known for the present only, connects and disconnects for the past only. */
function clientsNote({ viewers, connects, disconnects }) {
    if (isKnown(viewers)) return ngettext("%(count)s viewer", "%(count)s viewers", viewers, { count: count(viewers) });
    return isKnown(connects) ? gettext("%(joined)s joined, %(left)s left", { joined: count(connects), left: count(disconnects) }) : "";
}

function memoryNote({ memory_used_mb: used, memory_total_mb: total }) {
    if (!isKnown(used)) return "";
    const facts = { used: megabytes(used), total: megabytes(total) };
    return isKnown(total) ? gettext("%(used)s of %(total)s", facts) : gettext("%(used)s in use", facts);
}

function latencyCard(server, banded) {
    const average = measuredLatency(server);
    const figures = [
        { mark: "p50", text: compact(server.p50_latency_ms), unit: "ms", title: exactly(server.p50_latency_ms) },
        { mark: "p95", text: compact(server.p95_latency_ms), unit: "ms", title: exactly(server.p95_latency_ms) },
    ];
    if (average === null) {
        const note = whyNoLatency(server) || (isKnown(server.viewers) ? gettext("no round trip measured yet") : gettext("no round trip measured"));
        return { figures: [figure(UNKNOWN)], note: isKnown(server.active_connections) ? note : "", band: "unknown" };
    }
    const note = gettext("avg %(value)s", { value: `${compact(average)} ms` });
    return { figures, note, band: banded(average, "latency_ms") };
}

/** What a rounded latency stands for. */
function exactly(ms) {
    return isKnown(ms) ? `${number(ms, 3)} ms` : "";
}

function figure(text, unit = "") {
    return { mark: "", text, unit };
}

function rateFigure(mark, rate) {
    const { text, unit } = scaledBytes(rate);
    return { mark, text, unit: unit && `${unit}/s`, title: isKnown(rate) ? `${count(rate)} B/s` : "" };
}

/** An SVG path that breaks at nulls, in a box of `width` by `height` whose bottom is 0 or the lowest negative value. */
export function sparklinePath(values, width, height, ceiling = 0) {
    const known = values.filter((value) => typeof value === "number");
    const top = Math.max(ceiling, ...known, 0) || 1;
    const bottom = Math.min(0, ...known);
    const step = values.length > 1 ? width / (values.length - 1) : 0;
    const parts = [];
    let drawing = false;
    values.forEach((value, index) => {
        if (typeof value !== "number") {
            drawing = false;
            return;
        }
        const x = round(index * step);
        const y = round(height - ((value - bottom) / (top - bottom)) * height);
        parts.push(`${drawing ? "L" : "M"}${x} ${y}`);
        drawing = true;
    });
    return parts.join("");
}

function round(value) {
    return Math.round(value * 100) / 100;
}
