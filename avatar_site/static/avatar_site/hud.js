// The measurements above the stage. The functions have the names that the protocol's documentation uses, and the lines FPS, CPU,
// Memory and Network read in every language as it shows them.

import { bytes, count, duration, isKnown, milliseconds, number } from "../avatar_monitoring/lib/format.js";
import { element, setText, sized } from "../avatar_monitoring/lib/element.js";
import { gettext, gettext_noop, ngettext } from "../avatar_monitoring/lib/translate.js";
import { textOf } from "../avatar_monitoring/lib/alert_words.js";

const byId = (id) => document.getElementById(id);

export function updateFPS(fps, lowFPS) {
    setText(byId("fps-display"), `FPS: ${fps.toFixed(1)}`);
    byId("fps-display").title = gettext("The slowest hundredth: %(fps)s", { fps: lowFPS.toFixed(1) });
}

export function updateLatency(roundTrip) {
    setText(byId("latency"), gettext("Latency: %(time)s", { time: isKnown(roundTrip) ? `${roundTrip.toFixed(1)}ms` : "–" }));
}

/** Readings that the server does not collect are named as such, never shown as 0. */
export function updateSystemMetrics(system) {
    const shown = (value, text) => (isKnown(value) ? text(value) : gettext("not collected"));
    setText(byId("cpu"), `CPU: ${shown(system.cpu_percent, (value) => `${value.toFixed(1)}%`)}`);
    setText(byId("memory"), `Memory: ${shown(system.memory_percent, (value) => `${value.toFixed(1)}%`)}`);
    const network = shown(system.network_sent_mb, (sent) => `↑${sent.toFixed(1)}MB ↓${system.network_recv_mb.toFixed(1)}MB`);
    setText(byId("network"), `Network: ${network}`);
}

export function updateServerMetrics(server) {
    const facts = { clients: count(server.active_connections), rate: number(server.messages_per_second) };
    setText(byId("server"), ngettext("Server: %(clients)s client, %(rate)s msg/s", "Server: %(clients)s clients, %(rate)s msg/s", server.active_connections, facts));
}

/** For a server whose monitoring is switched off, which sends no metrics. */
export function showUnmeasured() {
    for (const [id, name] of [["cpu", "CPU"], ["memory", "Memory"], ["network", "Network"]]) setText(byId(id), `${name}: ${gettext("not measured")}`);
    setText(byId("server"), gettext("Server: not measured"));
}

const DRAWN_LESS = {
    plain: gettext_noop("Frames were late: light and shadows do not move."),
    lean: gettext_noop("Frames were late: no shadows, cheeks or noses."),
    slow: gettext_noop("Frames were late: no shadows, cheeks or noses, and every second frame."),
};

/** What the stage leaves out: by its level of drawing, and the names and avatars for which there is no room. */
export function showDrawing(level, { drawn, named }, people) {
    const less = DRAWN_LESS[level] ? gettext(DRAWN_LESS[level]) : "";
    const nameless = named ? "" : gettext("The stage is too full for names.");
    const crowded = drawn < people ? ngettext("The stage has room for %(drawn)s of %(people)s avatar.", "The stage has room for %(drawn)s of %(people)s avatars.", people, { drawn: count(drawn), people: count(people) }) : "";
    const text = [less, nameless, crowded].filter(Boolean).join(" ");
    setText(byId("drawing"), text);
    byId("drawing").hidden = text === "";
}

/** A subscribed avatar receives only its own row. */
export function updateClientList(clients) {
    const [own] = clients;
    const facts = own === undefined ? [] : [
        [gettext("Connected for"), duration(own.connection_duration)],
        [gettext("Messages"), count(own.message_count)],
        [gettext("Sent to you"), bytes(own.bytes_sent)],
        [gettext("Received from you"), bytes(own.bytes_received)],
        [gettext("Latency"), own.average_latency_ms > 0 ? milliseconds(own.average_latency_ms) : "–"],
        [gettext("Served by"), own.node ?? "–"],
    ];
    const lines = sized(byId("own"), facts.length, () => element("div", {}, element("dt"), element("dd")));
    facts.forEach(([name, value], index) => {
        setText(lines[index].firstElementChild, name);
        setText(lines[index].lastElementChild, value);
    });
}

export function showAlerts(alerts) {
    const lines = sized(byId("alerts"), alerts.length, () => element("li"));
    alerts.forEach((alert, index) => setText(lines[index], alertLine(alert)));
}

/** The message as the server words it, which is in English; in another language what the other pages say of such an alert. */
function alertLine(alert) {
    return document.documentElement.lang === "en" ? alert.message : textOf(alert);
}
