// Draws parts of the page while they can be seen. Of what is off the screen the newest drawing waits until that comes into view,
// has the focus, or goes to paper.

/** So much beyond the screen counts as seen, so that scrolling finds it drawn. */
const MARGIN = "25%";

export class InView {
    constructor({ Observer = globalThis.IntersectionObserver, page = globalThis } = {}) {
        this.seen = new Set();
        this.waiting = new Map();
        this.observer = new Observer((changes) => this.#moved(changes), { rootMargin: MARGIN });
        page.addEventListener("beforeprint", () => [...this.waiting.keys()].forEach((node) => this.#drawNow(node)));
    }

    /** Follows a part of the page. It counts as not seen until the browser has laid it out and said where it is. */
    follow(node) {
        this.observer.observe(node);
        node.addEventListener("focusin", () => this.#drawNow(node));
    }

    /** Calls `draw()` now if the part is seen, or once it is, unless another drawing takes its place before. */
    draw(node, draw) {
        this.waiting.set(node, draw);
        if (this.seen.has(node)) this.#drawNow(node);
    }

    #moved(changes) {
        for (const { target, isIntersecting } of changes) {
            this.seen[isIntersecting ? "add" : "delete"](target);
            if (isIntersecting) this.#drawNow(target);
        }
    }

    #drawNow(node) {
        const draw = this.waiting.get(node);
        this.waiting.delete(node);
        draw?.();
    }
}

export const inView = globalThis.IntersectionObserver ? new InView() : null;
