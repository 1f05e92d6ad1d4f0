// The table of nodes, one row each. A single node needs no table.

import { count, duration, milliseconds, number, percent, secondsText } from "../lib/format.js";
import { element, setAttribute, setText, sized } from "../lib/element.js";
import { gettext } from "../lib/translate.js";

const NUMBERS = ["clients", "rate", "latency", "cpu", "memory", "uptime"];
/** Smaller differences between clocks do not matter. */
const SKEW_SECONDS = 1;
const LIVE_ONLY = ["latency", "memory", "uptime"];

export class NodesTable {
    constructor(root) {
        this.root = root;
        this.body = root.querySelector("tbody");
    }

    show({ nodes = [] }) {
        this.root.hidden = nodes.length < 2;
        if (this.root.hidden) return;
        setText(this.root.querySelector("[data-count]"), String(nodes.length));
        const lines = sized(this.body, nodes.length, newLine);
        nodes.forEach((node, index) => fill(lines[index].children, node));
    }
}

function fill([name, host, clients, rate, latency, cpu, memory, uptime], { node, host: hostName, clock_skew_seconds: skew, server, system }) {
    setText(name.firstElementChild, node);
    setAttribute(name.firstElementChild, "title", node);
    setText(host, hostText(hostName, skew));
    setText(clients, count(server.active_connections));
    setText(rate, number(server.messages_per_second));
    setText(latency, milliseconds(server.p95_latency_ms));
    setText(cpu, percent(system.cpu_percent));
    setText(memory, percent(system.memory_percent));
    setText(uptime, duration(server.uptime_seconds));
}

/** The host's name, and how far its clock is off that of Redis if that matters. */
export function hostText(host, skew) {
    if (!skew || Math.abs(skew) <= SKEW_SECONDS) return host;
    const facts = { host, time: secondsText(number(Math.abs(skew))) };
    return skew > 0 ? gettext("%(host)s, clock %(time)s ahead", facts) : gettext("%(host)s, clock %(time)s behind", facts);
}

function newLine() {
    const line = element("tr", {}, element("td", { class: "table__key" }, element("span")), element("td", { class: "mono nowrap" }));
    for (const name of NUMBERS) line.append(element("td", { class: LIVE_ONLY.includes(name) ? "num nowrap live-only" : "num nowrap" }));
    return line;
}
