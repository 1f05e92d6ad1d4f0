// The measurements above the stage. The functions have the names that the protocol's documentation uses.

import { bytes, count, duration, isKnown, milliseconds, number } from "../avatar_monitoring/lib/format.js";
import { element, setText, sized } from "../avatar_monitoring/lib/element.js";

const byId = (id) => document.getElementById(id);

export function updateFPS(fps, lowFPS) {
    setText(byId("fps-display"), `FPS: ${fps.toFixed(1)}`);
    byId("fps-display").title = `slowest 1 %: ${lowFPS.toFixed(1)}`;
}

export function updateLatency(roundTrip) {
    setText(byId("latency"), `Latency: ${isKnown(roundTrip) ? `${roundTrip.toFixed(1)}ms` : "–"}`);
}

/** Readings that the server does not collect are named as such, never shown as 0. */
export function updateSystemMetrics(system) {
    const shown = (value, text) => (isKnown(value) ? text(value) : "not collected");
    setText(byId("cpu"), `CPU: ${shown(system.cpu_percent, (value) => `${value.toFixed(1)}%`)}`);
    setText(byId("memory"), `Memory: ${shown(system.memory_percent, (value) => `${value.toFixed(1)}%`)}`);
    const network = shown(system.network_sent_mb, (sent) => `↑${sent.toFixed(1)}MB ↓${system.network_recv_mb.toFixed(1)}MB`);
    setText(byId("network"), `Network: ${network}`);
}

export function updateServerMetrics(server) {
    const people = `${count(server.active_connections)} ${server.active_connections === 1 ? "client" : "clients"}`;
    setText(byId("server"), `Server: ${people}, ${number(server.messages_per_second)} msg/s`);
}

/** For a server whose monitoring is switched off, which sends no metrics. */
export function showUnmeasured() {
    for (const [id, name] of [["cpu", "CPU"], ["memory", "Memory"], ["network", "Network"], ["server", "Server"]]) {
        setText(byId(id), `${name}: not measured`);
    }
}

/** A subscribed avatar receives only its own row. */
export function updateClientList(clients) {
    const [own] = clients;
    const facts = own === undefined ? [] : [
        ["Connected for", duration(own.connection_duration)],
        ["Messages", count(own.message_count)],
        ["Sent to you", bytes(own.bytes_sent)],
        ["Received from you", bytes(own.bytes_received)],
        ["Latency", own.average_latency_ms > 0 ? milliseconds(own.average_latency_ms) : "–"],
        ["Served by", own.node ?? "–"],
    ];
    const lines = sized(byId("own"), facts.length, () => element("div", {}, element("dt"), element("dd")));
    facts.forEach(([name, value], index) => {
        setText(lines[index].firstElementChild, name);
        setText(lines[index].lastElementChild, value);
    });
}

export function showAlerts(alerts) {
    const lines = sized(byId("alerts"), alerts.length, () => element("li"));
    alerts.forEach((alert, index) => setText(lines[index], alert.message));
}
