// The clients' table. The server searches, filters, sorts and pages; the page shows the rows it gets, and keeps in its address
// what was asked for.

import { ariaSort, askedIn, firstOrder, isOfClient, isPastSort, keptInPlace, NOTHING_ASKED, PAGE_ROWS, queryWith, searchedFor, shownText, sortedBy, turned, viewOf } from "./view.js";
import { ClientChips } from "./chips.js";
import { clockTime, isKnown, whyNoLatency } from "../lib/format.js";
import { element, setText, sized } from "../lib/element.js";
import { fillNow, fillThen, headsOf, newLine } from "./row.js";
import { gettext } from "../lib/translate.js";
import { inView } from "../lib/in_view.js";
import { Tip } from "../lib/tip.js";

const SEARCH_DELAY_MS = 200;
/** Off the screen, the browser's own search finds clients of so long ago. */
const UNSEEN_EVERY_MS = 10_000;

export class ClientsTable {
    /** `onView(view)` is called with what to ask the server for. With a `clientId` it shows one client, and leaves the address alone. */
    constructor(root, { thresholds, clientURL, clientId, onView, choosing = null }) {
        Object.assign(this, { root, thresholds, clientURL, clientId, onView, choosing });
        this.isSingle = clientId !== undefined;
        this.rowsPerPage = Number(root.dataset.rows) || PAGE_ROWS;
        Object.assign(this, { isPast: false, showedPast: false });
        this.body = root.querySelector("tbody");
        this.heads = headsOf(root);
        this.shown = [];
        this.matched = 0;
        this.tip = new Tip(root);
        this.chips = new ClientChips(root.querySelector("[data-chips]"), (change) => this.#step({ ...this.asked, ...change, page: 1 }));
        this.search = root.querySelector("#client-search");
        this.sortChoice = root.querySelector("[data-sort-choice]");
        // A choice shows an order only once it offers it.
        this.sortChoice?.append(...this.#sortButtons.map((button) => element("option", { value: button.dataset.sort, text: button.closest("th").dataset.label ?? button.textContent })));
        this.#take(this.isSingle ? { asked: { ...NOTHING_ASKED, search: clientId }, problems: [] } : askedIn(location.search));
        this.#listen();
        inView.follow(root, { atLeastEvery: UNSEEN_EVERY_MS });
    }

    #listen() {
        for (const button of this.#sortButtons) button.addEventListener("click", () => this.#step(sortedBy(this.asked, button.dataset.sort, this.view.sort)));
        this.sortChoice?.addEventListener("change", () => this.#step({ ...this.asked, sort: firstOrder(this.sortChoice.value), page: 1 }));
        this.root.querySelector("[data-sort-turn]")?.addEventListener("click", () => this.#step(sortedBy(this.asked, this.view.sort.replace(/^-/, ""), this.view.sort)));
        this.search?.addEventListener("input", () => {
            clearTimeout(this.searchTimer);
            this.searchTimer = setTimeout(() => this.#refine(searchedFor(this.asked, this.search.value)), SEARCH_DELAY_MS);
        });
        this.root.querySelector("[data-clear-search]").addEventListener("click", () => this.#step({ ...this.asked, search: "", verdict: "", state: "", page: 1 }));
        this.#page("previous")?.addEventListener("click", () => this.#step(turned(this.asked, -1, this.matched, this.rowsPerPage)));
        this.#page("next")?.addEventListener("click", () => this.#step(turned(this.asked, 1, this.matched, this.rowsPerPage)));
        this.body.addEventListener("pointerenter", () => { this.isHovered = true; });
        this.body.addEventListener("pointerleave", () => { this.isHovered = false; });
        if (!this.isSingle) addEventListener("popstate", () => this.#follow());
    }

    get #sortButtons() {
        return [...this.root.querySelectorAll("[data-sort]")];
    }

    #page(name) {
        return this.root.querySelector(`[data-page="${name}"]`);
    }

    /** A step that a reader goes Back over. */
    #step(asked) {
        this.#ask(asked, "pushState");
    }

    /** Typing would leave a step for each letter. */
    #refine(asked) {
        this.#ask(asked, "replaceState");
    }

    #ask(asked, how) {
        const query = queryWith(location.search, asked);
        if (!this.isSingle && query !== location.search) history[how](how === "pushState" ? null : history.state, "", `${location.pathname}${query}${location.hash}`);
        this.#take({ asked, problems: [] });
        this.onView(this.view);
    }

    /** Back and Forward lead to what was asked for before. */
    #follow() {
        this.#take(askedIn(location.search));
        this.onView(this.view);
    }

    #take({ asked, problems }) {
        this.asked = asked;
        this.view = viewOf(asked, { isPast: this.isPast, rows: this.rowsPerPage });
        this.shown = [];
        if (this.search && this.search.value.trim() !== asked.search) this.search.value = asked.search;
        const problem = this.root.querySelector("[data-problem]");
        if (problem) setText(problem, problems.join(" "));
        if (problem) problem.hidden = problems.length === 0;
        this.#showSort();
    }

    #showSort() {
        for (const button of this.#sortButtons) {
            const order = ariaSort(this.view, button.dataset.sort);
            const head = button.closest("th");
            if (order) head.setAttribute("aria-sort", order);
            else head.removeAttribute("aria-sort");
            button.disabled = this.isPast && !isPastSort(button.dataset.sort);
        }
        const whole = this.root.querySelector("[data-all-columns]");
        // The larger table has other pages.
        if (whole) whole.search = queryWith("", { ...this.asked, page: 1 });
        if (this.sortChoice) this.sortChoice.value = this.view.sort.replace(/^-/, "");
        this.root.toggleAttribute("data-descending", this.view.sort.startsWith("-"));
    }

    /** Switches to the past, which has neither filters nor all of the orders, or back to the present. */
    turn(isPast) {
        if (isPast === this.isPast) return;
        this.isPast = isPast;
        this.#take({ asked: { ...this.asked, page: this.hasTurned ? 1 : this.asked.page }, problems: [] });
        // The first moment may be that of the address, and the page its too.
        this.hasTurned = true;
    }

    /** A row must not move away from the pointer just before a click, nor from the focus. */
    get #isHeld() {
        return this.isHovered || this.body.contains(document.activeElement);
    }

    show(frame) {
        const own = this.isSingle ? frame.clients.filter((row) => isOfClient(row.client_id, this.clientId)) : frame.clients;
        const rows = this.#isHeld && own.length ? keptInPlace(own, this.shown) : own;
        this.shown = rows;
        this.matched = frame.clients_matched;
        // Not for a moment do rows of the present stand below the heading of a past one, nor the other way round.
        inView.draw(this.root, () => this.#fill(rows, frame), this.isPast || this.showedPast);
        this.showedPast = this.isPast;
        this.chips.show(frame, this.asked);
        this.#showAround(rows.length, frame);
    }

    #fill(rows, frame) {
        this.#showColumns(rows);
        const fill = frame.isPast ? fillThen : fillNow;
        const whyUnmeasured = new Map((frame.nodes ?? []).map(({ node, server }) => [node, whyNoLatency(server)]));
        const context = { now: frame.timestamp, thresholds: this.thresholds, clientURL: this.clientURL, whyUnmeasured };
        const lines = sized(this.body, rows.length, () => newLine(this.heads));
        rows.forEach((row, index) => fill(lines[index], row, context));
        this.tip.refresh();
        this.choosing?.show(rows, lines);
    }

    /** Users and rooms have columns from the first one on that the project names. */
    #showColumns(rows) {
        for (const name of ["user", "room"]) {
            if (rows.some((row) => row[name])) this.root.setAttribute(`data-${name}s`, "");
        }
    }

    #showAround(shown, frame) {
        const { clients_total: total, clients_matched: matched } = frame;
        setText(this.root.querySelector("[data-shown]"), this.isSingle ? "" : shownText(this.view, shown, matched, total));
        this.root.querySelector("[data-scroller]").hidden = shown === 0;
        const empty = emptyBlock(frame, shown, this.isSingle);
        for (const block of this.root.querySelectorAll("[data-empty]")) block.hidden = block.dataset.empty !== empty;
        if (this.isSingle) return;
        this.#page("previous").disabled = this.asked.page === 1;
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
