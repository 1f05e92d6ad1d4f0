// Asks for what is wanted now: one request at a time, and of those that became due meanwhile only the last. Pure.

/** `ask(question)` resolves to an answer; `onAnswer(answer, question)` and `onFailed(error, question)` are told. */
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

    /** What is under way is not told of any more. */
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
