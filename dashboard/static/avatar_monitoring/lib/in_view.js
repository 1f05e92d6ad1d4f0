// Draws parts of the page while they can be seen. Of what is off the screen the newest drawing waits until that comes into view,
// has the focus, or goes to paper. A page that opens shows its first numbers before it draws such parts, one after the other.

/** So much beyond the screen counts as seen. What a faster scroll brings into view is drawn one frame later. */
const MARGIN = "50px";

export class InView {
    constructor({ Observer = globalThis.IntersectionObserver, page = globalThis, now = () => performance.now(), later = (draw) => setTimeout(draw) } = {}) {
        Object.assign(this, { now, later, begun: new Set(), seen: new Set(), waiting: new Map(), dueAt: new Map() });
        this.observer = new Observer((changes) => this.#moved(changes), { rootMargin: MARGIN });
        page.addEventListener("beforeprint", () => [...this.waiting.keys()].forEach((node) => this.#drawNow(node)));
    }

    /** Follows a part of the page. What the reader may search for there is drawn `atLeastEvery` so many milliseconds. */
    follow(node, { atLeastEvery } = {}) {
        this.observer.observe(node);
        if (atLeastEvery !== undefined) this.dueAt.set(node, { atLeastEvery, at: -Infinity });
        node.addEventListener("focusin", () => this.#drawNow(node));
    }

    /**
     * Calls `draw()` now if the part is seen or this `isUrgent`, or once it is seen, unless another drawing takes its place
     * before. The first drawing of a part is made wherever it is, in a task of its own after this one.
     */
    draw(node, draw, isUrgent = false) {
        this.waiting.set(node, draw);
        if (!this.begun.has(node) && !isUrgent) this.later(() => this.#drawNow(node));
        else if (isUrgent || this.seen.has(node) || this.now() >= this.dueAt.get(node)?.at) this.#drawNow(node);
    }

    /** What `draw()` makes of a part that needs no new drawing yet, should it come into view, have the focus or go to paper. */
    keep(node, draw) {
        this.waiting.set(node, draw);
    }

    #moved(changes) {
        for (const { target, isIntersecting } of changes) {
            this.seen[isIntersecting ? "add" : "delete"](target);
            if (isIntersecting) this.#drawNow(target);
        }
    }

    #drawNow(node) {
        const draw = this.waiting.get(node);
        if (draw === undefined) return;
        this.waiting.delete(node);
        this.begun.add(node);
        const due = this.dueAt.get(node);
        if (due !== undefined) due.at = this.now() + due.atLeastEvery;
        draw();
    }
}

export const inView = globalThis.IntersectionObserver ? new InView() : null;
