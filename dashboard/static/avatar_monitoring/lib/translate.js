// Sentences in the reader's language: those of Django's JavaScriptCatalog if the project serves one, else as written here.

/** "CPU of vm is 97 %" of "%(label)s of %(subject)s is %(value)s" and `{label, subject, value}`. */
export function say(sentence, facts = {}) {
    const found = globalThis.django?.gettext?.(sentence) ?? sentence;
    return found.replace(/%\((\w+)\)s/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

/** The sentence for one or for many. */
export function sayMany(one, many, amount, facts = {}) {
    const found = globalThis.django?.ngettext?.(one, many, amount) ?? (amount === 1 ? one : many);
    return say(found, facts);
}
