// Keeps the page of a screen on a wall alive for weeks: it asks the server how things are, loads the page again when that
// helps, and goes on to the next page. It never leaves a page for one that does not answer. Pure: all edges are passed in.

const ASK_EVERY_MS = 15_000;
const AGAIN_MS = 5_000;
const LOST_AFTER_MS = 60_000;
const OLD_AFTER_MS = 24 * 3_600_000;
const RELOAD_EVERY_MS = 10 * 60_000;

/** What a screen says while it shows no present numbers. */
export const SAYINGS = { fine: "", away: "away", barred: "barred" };

export class ScreenWatch {
    /**
     * `config` is `{release, rotate, next_url}`. `ask()` resolves to `{status, release}`, null without an answer; `probe(url)`
     * to whether that page can be shown, by default this one. `go(url)` leaves for it, null for this one again. `isLive()`
     * says whether the page has its numbers, `onSay(saying)` is told one of SAYINGS, `lastReload()` returns when this page
     * was last loaded again, in ms of `now()`.
     */
    constructor({ config, ask, probe, go, isLive, onSay, lastReload = () => -Infinity, now = () => Date.now(), ...timers }) {
        Object.assign(this, { config, ask, probe, go, isLive, onSay, lastReload, now });
        this.setTimer = timers.setTimer ?? ((call, ms) => setTimeout(call, ms));
        Object.assign(this, { wasBarred: false, isLeaving: false, startedAt: this.now(), liveAt: this.now() });
    }

    start() {
        this.setTimer(() => this.look(), ASK_EVERY_MS);
        if (this.config.next_url) this.setTimer(() => this.turn(), this.config.rotate * 1000);
    }

    async look() {
        const answer = await this.ask();
        this.onSay(sayingOf(answer));
        if (this.isLive()) this.liveAt = this.now();
        if (answer?.status === 200) {
            if (this.#isToReload(answer)) await this.#leave(null);
        } else if (isRefusal(answer)) this.wasBarred = true;
        if (!this.isLeaving) this.setTimer(() => this.look(), ASK_EVERY_MS);
    }

    /** Goes on to the next page; stays until it can be shown. */
    async turn() {
        await this.#leave(this.config.next_url);
        if (!this.isLeaving) this.setTimer(() => this.turn(), AGAIN_MS);
    }

    #isToReload({ release }) {
        const now = this.now();
        if (this.wasBarred || now - this.liveAt >= LOST_AFTER_MS) return true;
        // During a deployment, servers of both releases may answer in turn.
        const isNew = release !== this.config.release && now - this.lastReload() >= RELOAD_EVERY_MS;
        return isNew || now - this.startedAt >= OLD_AFTER_MS;
    }

    async #leave(url) {
        if (this.isLeaving || !(await this.probe(url)) || this.isLeaving) return;
        this.isLeaving = true;
        this.go(url);
    }
}

function isRefusal(answer) {
    return answer?.status === 401 || answer?.status === 403;
}

function sayingOf(answer) {
    if (isRefusal(answer)) return SAYINGS.barred;
    return answer?.status === 200 ? SAYINGS.fine : SAYINGS.away;
}

/** Whether a page answers, and is no other page such as a sign-in page. */
export async function answers(url, fetcher = globalThis.fetch, longest = AGAIN_MS) {
    try {
        const answer = await fetcher(url, { headers: { Accept: "text/html" }, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(longest) });
        return answer.status === 200;
    } catch {
        return false;
    }
}
