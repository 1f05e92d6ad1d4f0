// Compressed messages: which browsers can read them, and how they stay in order. Pure but for the browser's decompressor.

export const DEFLATE = "avatar.metrics.deflate";

const FORMAT = "deflate"; // zlib's, in the words of browsers

/** The subprotocols to offer: none where the browser cannot decompress, which then gets plain text. */
export function readableProtocols(Decompressor = globalThis.DecompressionStream) {
    try {
        return new Decompressor(FORMAT) ? [DEFLATE] : [];
    } catch {
        return [];
    }
}

/** The text of a compressed message. */
export async function inflate(buffer) {
    const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream(FORMAT));
    return new Response(stream).text();
}

/** Hands texts on at once and binary messages when they are decompressed, always in the order in which they came. */
export class TextsInOrder {
    constructor(onText, decompress = inflate) {
        Object.assign(this, { onText, decompress });
        this.waiting = 0;
        this.tail = Promise.resolve();
    }

    take(data) {
        if (typeof data === "string" && this.waiting === 0) {
            this.onText(data);
            return;
        }
        this.waiting += 1;
        const text = typeof data === "string" ? data : this.decompress(data);
        // A message that fails must not hold up the next ones; until its turn comes nobody else looks at the failure.
        text.catch?.(() => {});
        this.tail = this.tail.then(() => this.#hand(text));
    }

    async #hand(coming) {
        let text = null;
        try {
            text = await coming;
        } catch (error) {
            console.warn("A message that cannot be decompressed was ignored", error);
        }
        this.waiting -= 1;
        if (text !== null) this.onText(text);
    }
}
