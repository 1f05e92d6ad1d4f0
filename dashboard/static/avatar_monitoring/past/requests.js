// Requests for the past: the server is asked one question at a time, and answers that are no longer wanted are dropped.

import { gettext } from "../lib/translate.js";

/** `ask(question)` resolves to an answer, which goes to `onAnswer(answer, question)`; failures go to `onFailed(error, question)`. */
export class LatestOnly {
    constructor({ ask, onAnswer, onFailed }) {
        Object.assign(this, { ask, onAnswer, onFailed });
        this.isBusy = false;
        this.next = null;
    }

    want(question) {
        this.next = { question };
        if (!this.isBusy) this.#run();
    }

    /** Drops the answer to the request that is under way. */
    forget() {
        this.next = null;
        this.current = null;
    }

    async #run() {
        this.isBusy = true;
        while (this.next) {
            const asked = this.next;
            this.next = null;
            this.current = asked;
            await this.#settle(asked);
        }
        this.isBusy = false;
    }

    async #settle(asked) {
        const { question } = asked;
        try {
            const answer = await this.ask(question);
            if (this.current === asked) this.onAnswer(answer, question);
        } catch (error) {
            if (this.current === asked) this.onFailed(error, question);
        }
    }
}

const LONGEST_WAIT_MS = 15_000;

export async function fetchJSON(url, parameters) {
    const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
        cache: "no-store",
    }).catch((error) => {
        // A browser's own message, such as "Failed to fetch", does not help the reader.
        throw new Error(gettext("the server does not answer"), { cause: error });
    });
    const isJSON = (answer.headers.get("Content-Type") ?? "").includes("json");
    if (answer.ok && isJSON) return answer.json();
    const reason = isJSON ? (await answer.json()).error : null;
    throw new Error(reason ?? gettext("the server answered %(status)s", { status: answer.status }));
}
