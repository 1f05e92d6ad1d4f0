// What a browser keeps for its reader: choices for good, and ways back for one tab. Browsers may refuse both, at any access,
// and what they kept may come from another release: whoever reads it checks it.

export class BrowserStore {
    #open;
    // What could not be kept lasts as long as the page.
    #own = new Map();

    /** `open()` returns the browser's storage; even that may throw. */
    constructor(open) {
        this.#open = open;
    }

    /** Whether the browser lets this page keep anything. */
    get isOpen() {
        try {
            return Boolean(this.#open());
        } catch {
            return false;
        }
    }

    /** The text under a name; null if there is none. */
    read(key) {
        if (this.#own.has(key)) return this.#own.get(key);
        try {
            return this.#open()?.getItem(key) ?? null;
        } catch {
            return null;
        }
    }

    /** What the text under a name means as JSON; null if there is none, or it is no JSON. */
    readJSON(key) {
        try {
            return JSON.parse(this.read(key));
        } catch {
            return null;
        }
    }

    write(key, text) {
        this.#own.set(key, text);
        try {
            const storage = this.#open();
            if (!storage) return;
            storage.setItem(key, text);
            this.#own.delete(key);
        } catch (error) {
            console.info(`${key} is kept for this page only: the browser's storage is not available.`, error.name);
        }
    }
}

export const forGood = new BrowserStore(() => globalThis.localStorage);
export const forThisTab = new BrowserStore(() => globalThis.sessionStorage);
