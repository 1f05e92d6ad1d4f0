// Which parts of a long page contain what the reader looks for, and which one an address names. Pure.

/** `parts` [{id, text}]: the ids of those that contain every word, whatever the case. */
export function matching(parts, query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return new Set(parts.filter(({ text }) => words.every((word) => text.includes(word))).map(({ id }) => id));
}

/** The id that the fragment of an address names, as it is if it is not properly encoded. */
export function fragmentOf(hash) {
    const text = hash.replace(/^#/, "");
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
