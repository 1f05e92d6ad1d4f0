// As much of a browser's page as these tests need. Whoever asks a node for its size or place makes a browser lay the page out;
// `layouts` counts how often.

export const page = { layouts: 0 };

class FakeText {
    nodeType = 3;

    constructor(data) {
        this.data = data;
    }
}

export class FakeNode {
    nodeType = 1;
    hidden = false;
    style = {};
    dataset = {};
    scrollLeft = 0;

    constructor(tag = "div") {
        Object.assign(this, { tag, childNodes: [], attributes: new Map(), listeners: {}, classes: new Set(), parentElement: null });
        this.classList = { toggle: (name, isOn) => this.classes[isOn ? "add" : "delete"](name) };
        for (const name of ["clientWidth", "clientHeight", "offsetWidth", "offsetHeight", "offsetLeft"]) Object.defineProperty(this, name, { get: () => this.#measured() });
    }

    #measured() {
        page.layouts += 1;
        return 100;
    }

    get children() {
        return this.childNodes.filter(({ nodeType }) => nodeType === 1);
    }

    get firstChild() {
        return this.childNodes[0] ?? null;
    }

    get lastChild() {
        return this.childNodes.at(-1) ?? null;
    }

    get firstElementChild() {
        return this.children[0] ?? null;
    }

    get lastElementChild() {
        return this.children.at(-1) ?? null;
    }

    get textContent() {
        return this.childNodes.map((node) => (node.nodeType === 3 ? node.data : node.textContent)).join("");
    }

    set textContent(text) {
        this.childNodes = text === "" ? [] : [new FakeText(text)];
    }

    append(...nodes) {
        for (const node of nodes) {
            this.childNodes.push(typeof node === "string" ? new FakeText(node) : node);
            if (node instanceof FakeNode) node.parentElement = this;
        }
    }

    replaceChildren(...nodes) {
        this.childNodes = [];
        this.append(...nodes);
    }

    contains(node) {
        return node === this || this.children.some((child) => child.contains(node));
    }

    matches() {
        return false;
    }

    setAttribute(name, value) {
        this.attributes.set(name, String(value));
    }

    getAttribute(name) {
        return this.attributes.get(name) ?? null;
    }

    addEventListener(type, listener) {
        (this.listeners[type] ??= []).push(listener);
    }
}

/** Makes a document that is there until the test ends. */
export function withPage(t) {
    page.layouts = 0;
    globalThis.document = { createElement: (tag) => new FakeNode(tag), activeElement: null, documentElement: { lang: "en", dataset: {} } };
    globalThis.devicePixelRatio = 2;
    t.after(() => {
        delete globalThis.document;
        delete globalThis.devicePixelRatio;
    });
}

/** A server that hangs: only the request's own signal ends it. Node's timers for those keep no test alive. */
export async function neverAnswering(_url, { signal }) {
    const awake = setTimeout(() => {}, 5_000);
    try {
        return await new Promise((_, reject) => { signal.addEventListener("abort", () => reject(signal.reason)); });
    } finally {
        clearTimeout(awake);
    }
}
