// Texts in the page's language: Django's JavaScript catalogue has them (dashboard/languages.py), and English needs none.
// The names are those that `make messages` looks for.

/** "CPU of vm is 97 %" of "%(label)s of %(subject)s is %(value)s" and `{label, subject, value}`. */
export function gettext(sentence, facts = {}) {
    const found = globalThis.django?.gettext?.(sentence) ?? sentence;
    return found.replace(/%\((\w+)\)s/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

/** The sentence for one or for many. */
export function ngettext(one, many, amount, facts = {}) {
    const found = globalThis.django?.ngettext?.(one, many, amount) ?? (amount === 1 ? one : many);
    return gettext(found, facts);
}

/** A text of a table, as it is: it is translated where it is shown. */
export function gettext_noop(text) {
    return text;
}
