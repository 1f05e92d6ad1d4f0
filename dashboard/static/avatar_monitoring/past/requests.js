// Requests for the past: the server is asked one question at a time, and answers that are no longer wanted are dropped.

import { askForJSON } from "../lib/server_answer.js";

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

/** What the server says of `{name: value}`; throws an error that says why it says nothing. */
export function fetchJSON(url, parameters) {
    return askForJSON(`${url}?${new URLSearchParams(parameters)}`);
}
