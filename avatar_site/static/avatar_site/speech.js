// What an avatar says: how long the text is shown, and how the mouth moves meanwhile. Pure.

const LEAST_MS = 2200;
const MOST_MS = 9000;
const READING_MS = 70;
const SPEAKING_MS = 65;

export class Speech {
    constructor(text, now) {
        this.text = text;
        this.start = now;
        this.end = now + Math.min(MOST_MS, LEAST_MS + text.length * READING_MS);
        this.spoken = now + Math.min(MOST_MS - LEAST_MS, 400 + text.length * SPEAKING_MS);
    }

    isOver(now) {
        return now >= this.end;
    }

    /** How far the mouth is open, 0 to 1: closed between words and at the end. */
    mouthAt(now) {
        if (now < this.start || now >= this.spoken) return 0;
        const seconds = (now - this.start) / 1000;
        const syllable = Math.abs(Math.sin(seconds * 11));
        const word = Math.max(0, Math.sin(seconds * 4.3) + 0.55);
        return Math.min(1, syllable * word);
    }
}

/** The text in at most `most` lines no wider than `width`; `measure` returns a text's width. */
export function wrapped(text, width, measure, most = 4) {
    const lines = [""];
    for (const word of text.split(/\s+/).flatMap((long) => pieces(long, width, measure))) {
        const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
        if (measure(longer) <= width || lines.at(-1) === "") lines[lines.length - 1] = longer;
        else lines.push(word);
    }
    if (lines.length <= most) return lines;
    return [...lines.slice(0, most - 1), `${lines[most - 1]} …`];
}

/** A word, cut into pieces if it is wider than a line. */
function pieces(word, width, measure) {
    const parts = [""];
    for (const character of word) {
        if (measure(parts.at(-1) + character) > width && parts.at(-1)) parts.push("");
        parts[parts.length - 1] += character;
    }
    return parts;
}
