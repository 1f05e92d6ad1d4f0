// The clients' table: the server sorts, searches and cuts pages; the page asks and shows.

import { ariaSort, clientState, initialView, keptInPlace, searchedFor, shownText, sortedBy, turned } from "./client_view.js";
import { bytes, count, dateTime, duration, isKnown, milliseconds, number, plainText } from "./format.js";
import { element, setAttribute, setText, sized } from "./element.js";

const SEARCH_DELAY_MS = 200;
const STATES = { live: "active", slow: "slow", stale: "stale" };

export class ClientsTable {
    constructor(root, { thresholds, clientURL, clientId, onView }) {
        Object.assign(this, { root, thresholds, clientURL, clientId, onView });
        this.view = initialView(clientId ?? "");
        this.body = root.querySelector("tbody");
        this.labels = [...root.querySelectorAll("thead th")].map((head) => head.dataset.label ?? head.textContent.trim());
        this.hovered = false;
        this.shownIds = [];
        this.matched = 0;
        this.#listen();
        this.#showSort();
    }

    #listen() {
        for (const button of this.root.querySelectorAll("[data-sort]")) {
            button.addEventListener("click", () => this.#want(sortedBy(this.view, button.dataset.sort)));
        }
        this.search = this.root.querySelector("#client-search");
        this.search?.addEventListener("input", () => {
            clearTimeout(this.searchTimer);
            this.searchTimer = setTimeout(() => this.#want(searchedFor(this.view, this.search.value)), SEARCH_DELAY_MS);
        });
        this.root.querySelector("[data-clear-search]").addEventListener("click", () => {
            this.search.value = "";
            this.#want(searchedFor(this.view, ""));
        });
        this.#page("previous")?.addEventListener("click", () => this.#want(turned(this.view, -1, this.matched)));
        this.#page("next")?.addEventListener("click", () => this.#want(turned(this.view, 1, this.matched)));
        this.body.addEventListener("pointerenter", () => { this.hovered = true; });
        this.body.addEventListener("pointerleave", () => { this.hovered = false; });
    }

    #page(name) {
        return this.root.querySelector(`[data-page="${name}"]`);
    }

    #want(view) {
        this.view = view;
        this.shownIds = [];
        this.#showSort();
        this.onView(view);
    }

    #showSort() {
        for (const button of this.root.querySelectorAll("[data-sort]")) {
            const order = ariaSort(this.view, button.dataset.sort);
            const head = button.closest("th");
            if (order) head.setAttribute("aria-sort", order);
            else head.removeAttribute("aria-sort");
        }
    }

    show(frame) {
        const own = this.clientId === undefined ? frame.clients : frame.clients.filter((row) => row.client_id === this.clientId);
        // A row must not move away from under the pointer that is about to click it.
        const rows = this.hovered ? keptInPlace(own, this.shownIds) : own;
        this.shownIds = rows.map((row) => row.client_id);
        this.matched = frame.clients_matched;
        const lines = sized(this.body, rows.length, () => newLine(this.labels));
        rows.forEach((row, index) => this.#fill(lines[index], row, frame.timestamp));
        this.#showAround(rows.length, frame);
    }

    #fill(line, row, now) {
        const [key, state, age, messages, received, sent, latency, lastLatency, p95, jitter, fps, last, node] = line.children;
        const link = key.firstElementChild;
        const name = plainText(row.client_id);
        setText(link.firstElementChild, name);
        setAttribute(link, "title", name);
        setAttribute(link, "href", this.clientURL(row.client_id));
        const badge = state.firstElementChild;
        const kind = clientState(row, now, this.thresholds);
        setAttribute(badge, "class", `badge badge--${kind}`);
        setText(badge, STATES[kind]);
        setText(age, duration(row.connection_duration));
        setAttribute(age, "title", `since ${dateTime(row.connected_at)}`);
        setText(messages, count(row.message_count));
        setText(received, bytes(row.bytes_received));
        setAttribute(received, "title", `${count(row.bytes_received)} bytes`);
        setText(sent, bytes(row.bytes_sent));
        setAttribute(sent, "title", `${count(row.bytes_sent)} bytes`);
        setText(latency, row.average_latency_ms > 0 ? milliseconds(row.average_latency_ms) : "–");
        setText(lastLatency, tenths(row.latency_ms));
        setText(p95, tenths(row.p95_latency_ms));
        setText(jitter, tenths(row.jitter_ms));
        setText(fps, isKnown(row.fps) ? number(row.fps, 0) : "–");
        setText(last, row.last_message_time > 0 ? `${duration(now - row.last_message_time)} ago` : "none yet");
        setText(node, row.node);
    }

    #showAround(shown, { clients_total: total, clients_matched: matched }) {
        const single = this.clientId !== undefined;
        setText(this.root.querySelector("[data-shown]"), single ? "" : shownText(this.view, shown, matched, total));
        this.root.querySelector("[data-scroller]").hidden = shown === 0;
        const empty = shown > 0 ? "" : total === 0 || single ? "none" : "unmatched";
        for (const block of this.root.querySelectorAll("[data-empty]")) block.hidden = block.dataset.empty !== empty;
        if (single) return;
        this.#page("previous").disabled = this.view.offset === 0;
        this.#page("next").disabled = this.view.offset + shown >= matched;
    }
}

function tenths(value) {
    return isKnown(value) ? `${number(value)} ms` : "–";
}

/** A row whose cells name their columns, for narrow pages that stack them. */
function newLine(labels) {
    const line = element("tr");
    line.append(element("td", { class: "table__key" }, element("a", {}, element("bdi"))));
    line.append(element("td", {}, element("span")));
    for (let cell = 0; cell < 10; cell += 1) line.append(element("td", { class: "num" }));
    line.append(element("td", { class: "mono dim" }));
    labels.forEach((label, index) => line.children[index].setAttribute("data-label", label));
    return line;
}
