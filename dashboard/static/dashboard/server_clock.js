// The server's time: the reader's own clock may be hours off. Between two tellings it goes on by the browser's steady clock.

/** `steady()` gives milliseconds that no setting of a clock moves, `own()` the browser's own time, for where nobody told. */
export class ServerClock {
    constructor({ steady = () => performance.now(), own = () => Date.now() } = {}) {
        Object.assign(this, { steady, own, told: null });
    }

    /** The server says that it is so late, UTC epoch seconds. */
    tell(epochSeconds) {
        if (Number.isFinite(epochSeconds)) this.told = { epochSeconds, at: this.steady() };
    }

    /** UTC epoch seconds. */
    get now() {
        return this.told ? this.told.epochSeconds + (this.steady() - this.told.at) / 1000 : this.own() / 1000;
    }
}

export const serverClock = new ServerClock();

/** The time that a page carries, of when the server made it; a page out of the browser's own store is older than that. */
export function tellFromPage(root = document, clock = serverClock) {
    const text = root.documentElement.dataset.now;
    const [navigation] = root === globalThis.document ? performance.getEntriesByType("navigation") : [];
    if (text && navigation?.type !== "back_forward") clock.tell(Number(text) + (navigation ? (performance.now() - navigation.responseStart) / 1000 : 0));
}
