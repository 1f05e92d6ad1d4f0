// Decompresses messages and keeps them in order. Pure, except for the browser's decompressor.

export const CHAINED = "avatar.metrics.chained";
export const DEFLATE = "avatar.metrics.deflate";

const ZLIB = "deflate"; // in the words of browsers
const RAW = "deflate-raw";
const HAS_DICTIONARY = 0x20; // in zlib's second byte (RFC 1950, 2.2)
const HEAD_BYTES = 6; // of zlib, with the dictionary's checksum
const TAIL_BYTES = 4;
const WINDOW = 32 * 1024;
const NOTHING = new Uint8Array();

/** The subprotocols to offer, best first. A browser that cannot decompress offers none and gets plain text. */
export function readableProtocols(Decompressor = globalThis.DecompressionStream) {
    const formats = { [CHAINED]: RAW, [DEFLATE]: ZLIB };
    return Object.keys(formats).filter((name) => {
        try {
            return new Decompressor(formats[name]);
        } catch {
            return false;
        }
    });
}

/** The bytes of a compressed message. If it needs a dictionary, that is the end of `before`, the previous message's bytes. */
export async function inflate(buffer, before = NOTHING) {
    const bytes = new Uint8Array(buffer);
    if (!(bytes[1] & HAS_DICTIONARY)) return decompressed([bytes], ZLIB);
    const dictionary = before.subarray(-WINDOW);
    if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(2) !== adler32(dictionary)) throw new Error("a message refers to one that never arrived");
    const all = await decompressed([...stored(dictionary), bytes.subarray(HEAD_BYTES, -TAIL_BYTES)], RAW);
    return all.subarray(dictionary.length);
}

async function decompressed(parts, format) {
    const { readable, writable } = new DecompressionStream(format);
    // Not through a Blob, which the browser keeps in another process.
    const writing = written(writable.getWriter(), parts);
    const [buffer] = await Promise.all([new Response(readable).arrayBuffer(), writing]);
    return new Uint8Array(buffer);
}

async function written(writer, parts) {
    for (const part of parts) await writer.write(part);
    await writer.close();
}

// A browser's decompressor takes no dictionary, so the dictionary goes in front of the message as a stored block.
function stored(bytes) {
    const head = new DataView(new ArrayBuffer(5));
    head.setUint16(1, bytes.length, true);
    head.setUint16(3, ~bytes.length, true);
    return [head, bytes];
}

function adler32(bytes) {
    let [low, high] = [1, 0];
    for (const byte of bytes) {
        low = (low + byte) % 65521;
        high = (high + low) % 65521;
    }
    return ((high << 16) | low) >>> 0;
}

/**
 * Passes texts on at once and binary messages once they are decompressed, always in the order of arrival. A message that
 * cannot be decompressed goes to `onBroken`, because later messages may refer to it.
 */
export class TextsInOrder {
    constructor(onText, onBroken, decompress = inflate) {
        Object.assign(this, { onText, onBroken, decompress });
        this.waiting = 0;
        this.tail = Promise.resolve();
        this.before = NOTHING;
    }

    take(data) {
        if (typeof data === "string" && this.waiting === 0) {
            this.onText(data);
            return;
        }
        this.waiting += 1;
        this.tail = this.tail.then(() => this.#hand(data));
    }

    async #hand(data) {
        let text = null;
        try {
            text = typeof data === "string" ? data : await this.#text(data);
        } catch (error) {
            this.onBroken(error);
        }
        this.waiting -= 1;
        if (text !== null) this.onText(text);
    }

    async #text(data) {
        this.before = await this.decompress(data, this.before);
        return new TextDecoder().decode(this.before);
    }
}
