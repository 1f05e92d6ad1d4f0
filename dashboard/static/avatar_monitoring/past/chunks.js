// Which chunks of the past to fetch next, and which are known already. Pure, except for the `fetch` that is passed in.

const CHUNK_SECONDS = 600;

const KEPT_SECONDS = 3 * 3600;
const AHEAD_SECONDS = 240;
const MARGIN_SECONDS = 5;
const RETRY_MS = 2000;

const chunkOf = (second) => Math.floor(second / CHUNK_SECONDS) * CHUNK_SECONDS;

/** The starts of the chunks that the shown second needs, the most urgent first: its own, the next one, those of the charts. */
export function wantedChunks(at, windowSeconds, newest) {
    const own = chunkOf(at);
    const ahead = chunkOf(Math.min(at + AHEAD_SECONDS, newest));
    const wanted = ahead > own ? [own, ahead] : [own];
    for (let start = own - CHUNK_SECONDS; start >= chunkOf(at - windowSeconds); start -= CHUNK_SECONDS) wanted.push(start);
    return wanted;
}

/**
 * Fetches one chunk at a time into a PastSeries. `fetch(from, to)` resolves to an answer of `/live/past/`. `onLoaded()` is
 * called for each, `onFailed(error)` for a failure, after which nothing is fetched for two seconds.
 */
export class PastChunks {
    constructor({ series, fetch, columnsOf, onLoaded, onFailed, now = () => performance.now() }) {
        Object.assign(this, { series, fetch, columnsOf, onLoaded, onFailed, now });
        this.known = new Map();
        // Which seconds the journal holds, `{from, to}`; undefined until the first answer, null if it holds none.
        this.holds = undefined;
        this.isBusy = false;
        this.failedAt = null;
    }

    /** Sets what is shown now, and fetches the missing chunks. */
    want(at, windowSeconds, newest) {
        this.wanted = { at, windowSeconds, newest };
        if (!this.isBusy && !this.#isTooSoon()) this.#run();
    }

    /** The resolution in which a second is known, "second" or "minute"; null if it is not. */
    tierOf(second) {
        if (!this.isLoaded(second)) return null;
        return second >= this.known.get(chunkOf(second)).secondsFrom ? "second" : "minute";
    }

    /** Whether a second was fetched, even if nothing was measured in it. */
    isLoaded(second) {
        const chunk = this.known.get(chunkOf(second));
        return chunk !== undefined && second < chunk.until;
    }

    async ask(from, to) {
        const answer = await this.fetch(from, to);
        this.holds = answer.holds;
        return answer;
    }

    async #run() {
        this.isBusy = true;
        try {
            for (let start = this.#missing(); start !== undefined; start = this.#missing()) await this.#load(start);
            this.failedAt = null;
        } catch (error) {
            this.failedAt = this.now();
            this.onFailed(error);
        } finally {
            this.isBusy = false;
        }
    }

    #isTooSoon() {
        return this.failedAt !== null && this.now() - this.failedAt < RETRY_MS;
    }

    #missing() {
        const { at, windowSeconds, newest } = this.wanted;
        return wantedChunks(at, windowSeconds, newest).find((start) => !this.#suffices(start));
    }

    // The newest chunk grows, so it is fetched again when the shown second gets close to its end.
    #suffices(start) {
        const { at, newest } = this.wanted;
        const needed = Math.min(start + CHUNK_SECONDS, newest + 1, Math.max(at + MARGIN_SECONDS, start) + 1);
        return (this.known.get(start)?.until ?? -Infinity) >= needed;
    }

    async #load(start) {
        const until = Math.max(start + 1, Math.min(start + CHUNK_SECONDS, this.wanted.newest + 1));
        let parts = await this.#parts(start, until);
        // Only an answer says which seconds the journal holds, and it drops old ones between two answers.
        if (this.#seam(start, until) < until && parts.at(-1).step > 1) parts = await this.#parts(start, until);
        const { at } = this.wanted;
        const isOld = (each) => chunkOf(each) === start || Math.abs(each - at) > KEPT_SECONDS;
        for (const each of [...this.known.keys()].filter(isOld)) this.known.delete(each);
        this.known.set(start, { until, secondsFrom: parts.find(({ step }) => step === 1)?.start ?? Infinity });
        this.series.replace(isOld, parts);
        this.onLoaded();
    }

    // A chunk that the journal holds partly is fetched in two parts: as a whole it would come in minutes.
    async #parts(start, until) {
        const seam = this.#seam(start, until);
        const parts = [];
        if (seam > start) parts.push(await this.#part(start, seam));
        if (seam < until) parts.push(await this.#part(seam, until));
        return parts;
    }

    async #part(from, to) {
        const answer = await this.ask(from, to);
        return { start: from, step: answer.step, columns: this.columnsOf(answer) };
    }

    /** The first second that the journal holds. */
    #seam(start, until) {
        if (this.holds === undefined) return start;
        const from = this.holds === null ? until : Math.ceil(this.holds.from);
        return Math.max(start, Math.min(until, from));
    }
}
