// When the avatar blinks. Pure: time and randomness are passed in.

const CLOSED_MS = 150;
const SHORTEST_MS = 1800;
const LONGEST_MS = 5200;

export class Blinker {
    constructor(now, random = Math.random) {
        this.random = random;
        this.#plan(now);
    }

    isClosed(now) {
        if (now >= this.next + CLOSED_MS) this.#plan(now);
        return now >= this.next;
    }

    #plan(now) {
        this.next = now + SHORTEST_MS + this.random() * (LONGEST_MS - SHORTEST_MS);
    }
}
