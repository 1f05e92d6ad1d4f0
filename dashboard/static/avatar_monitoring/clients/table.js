// The clients' table. The server searches, sorts and pages; the page shows the rows it gets.

import { ariaSort, initialView, isOfClient, isPastSort, keptInPlace, pastView, searchedFor, shownText, sortedBy, turned, withVerdict } from "./view.js";
import { clockTime, isKnown, whyNoLatency } from "../lib/format.js";
import { fillNow, fillThen, newLine } from "./row.js";
import { setText, sized } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { Tip } from "../lib/tip.js";
import { VerdictFilter } from "./verdict_filter.js";

const SEARCH_DELAY_MS = 200;

export class ClientsTable {
    constructor(root, { thresholds, clientURL, clientId, onView, choosing = null }) {
        Object.assign(this, { root, thresholds, clientURL, clientId, onView, choosing });
        this.view = initialView(clientId ?? "");
        this.body = root.querySelector("tbody");
        this.heads = [...root.querySelectorAll("thead th")].map((head) => ({
            label: head.dataset.label ?? head.textContent.trim(),
            isLiveOnly: head.classList.contains("live-only"),
        }));
        this.hovered = false;
        this.isPast = false;
        this.shownIds = [];
        this.matched = 0;
        this.tip = new Tip(root);
        this.verdicts = new VerdictFilter(root.querySelector("[data-verdicts]"), (verdict) => this.#want(withVerdict(this.view, verdict)));
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
            if (this.search) this.search.value = "";
            this.#want(withVerdict(searchedFor(this.view, ""), ""));
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

    /** Switches to the past, which has its own search, order and page, or back to those of the present. */
    turn(isPast) {
        if (isPast === this.isPast) return;
        this.isPast = isPast;
        if (isPast) this.presentView = this.view;
        this.view = isPast ? pastView(this.view) : this.presentView;
        this.shownIds = [];
        if (this.search) this.search.value = this.view.search;
        for (const button of this.root.querySelectorAll("[data-sort]")) button.disabled = isPast && !isPastSort(button.dataset.sort);
        this.#showSort();
    }

    show(frame) {
        const own = this.clientId === undefined ? frame.clients : frame.clients.filter((row) => isOfClient(row.client_id, this.clientId));
        // A row must not move away from the pointer just before a click.
        const rows = this.hovered ? keptInPlace(own, this.shownIds) : own;
        this.shownIds = rows.map((row) => row.client_id);
        this.matched = frame.clients_matched;
        this.#showColumns(rows);
        const fill = this.isPast ? fillThen : fillNow;
        const whyUnmeasured = new Map((frame.nodes ?? []).map(({ node, server }) => [node, whyNoLatency(server)]));
        const context = { now: frame.timestamp, thresholds: this.thresholds, clientURL: this.clientURL, whyUnmeasured };
        const lines = sized(this.body, rows.length, () => newLine(this.heads));
        rows.forEach((row, index) => fill(lines[index], row, context));
        this.verdicts.show(this.isPast ? {} : frame.verdicts, this.view.verdict);
        this.tip.refresh();
        this.choosing?.show(rows, lines);
        this.#showAround(rows.length, frame);
    }

    /** Users and rooms have columns from the first one on that the project names. */
    #showColumns(rows) {
        for (const name of ["user", "room"]) {
            if (rows.some((row) => row[name])) this.root.setAttribute(`data-${name}s`, "");
        }
    }

    #showAround(shown, frame) {
        const { clients_total: total, clients_matched: matched } = frame;
        const single = this.clientId !== undefined;
        setText(this.root.querySelector("[data-shown]"), single ? "" : shownText(this.view, shown, matched, total));
        this.root.querySelector("[data-scroller]").hidden = shown === 0;
        const empty = emptyBlock(frame, shown, single);
        for (const block of this.root.querySelectorAll("[data-empty]")) block.hidden = block.dataset.empty !== empty;
        if (single) return;
        this.#page("previous").disabled = this.view.offset === 0;
        this.#page("next").disabled = this.view.offset + shown >= matched;
        this.#showNote(frame);
    }

    #showNote({ clients_at: at }) {
        const note = this.root.querySelector("[data-past-note]");
        note.hidden = !this.isPast || !isKnown(at);
        if (!note.hidden) setText(note, gettext("Connected at %(time)s. Messages, bytes, latency and FPS cover the whole session; they are known once it has ended.", { time: clockTime(at) }));
    }
}

export function emptyBlock({ isPast, areClientsKnown, clients_at: at, clients_total: total }, shown, single) {
    if (shown > 0) return "";
    if (isPast && !isKnown(at)) return "loading";
    if (total > 0 && !single) return "unmatched";
    if (isPast && !areClientsKnown) return "unknown-then";
    return isPast ? "none-then" : "none";
}
