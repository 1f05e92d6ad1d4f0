// Which parts of a long page contain what the reader looks for. Pure.

/** `parts` [{id, text}]: the ids of those that contain every word, whatever the case. */
export function matching(parts, query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return new Set(parts.filter(({ text }) => words.every((word) => text.includes(word))).map(({ id }) => id));
}
