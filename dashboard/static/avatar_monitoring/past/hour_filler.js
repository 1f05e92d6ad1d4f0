// Fetches what the live page did not receive itself: the hour before it was opened, and gaps. Pure, except for `ask`.

import { columnsOf } from "./series.js";
import { gettext } from "../lib/translate.js";

const HOUR = 3600;
const LEAST_INTERVALS = 2;
const RETRY_MS = 30_000;
const NOTHING_YET_MS = 2000;

/** `ask(from, to)` resolves to an answer of `/live/past/`. `onDone()` is called after each attempt; `missing` says why it failed. */
export class HourFiller {
    constructor({ buffer, ask, onDone, now = () => performance.now() }) {
        Object.assign(this, { buffer, ask, onDone, now });
        this.wanted = null;
        this.missing = "";
    }

    /** Fetches what is missing before `heardFrom`, from when on the page receives frames. */
    async fill(heardFrom) {
        const silence = this.buffer.silenceBefore(heardFrom);
        if (silence < LEAST_INTERVALS * this.buffer.interval) return;
        const to = Math.ceil(heardFrom);
        this.wanted = { from: Math.max(to - HOUR, Math.floor(heardFrom - silence)), to };
        await this.#try();
    }

    /** Repeats a failed attempt, at most every half minute. */
    async retry() {
        if (this.wanted && this.now() >= this.retryAt) await this.#try();
    }

    async #try() {
        this.retryAt = this.now() + RETRY_MS;
        try {
            const answer = await this.#seconds(this.wanted);
            if (answer.tier === "second") this.buffer.merge(columnsOf(answer));
            this.missing = answer.holds ? "" : gettext("The past is not available yet: the journal is empty.");
            if (answer.holds) this.wanted = null;
            else this.retryAt = this.now() + NOTHING_YET_MS;
        } catch (error) {
            this.missing = gettext("The past is not available: %(reason)s", { reason: error.message });
        }
        this.onDone();
    }

    async #seconds({ from, to }) {
        const answer = await this.ask(from, to);
        const { holds, tier } = answer;
        // The journal begins within the wanted stretch: fetch what it has.
        if (tier === "minute" && holds && holds.from > from && holds.from < to) return this.ask(Math.ceil(holds.from), to);
        return answer;
    }
}
