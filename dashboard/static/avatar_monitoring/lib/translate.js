// Texts in the page's language: Django's JavaScript catalogue has them (dashboard/languages.py), and English needs none.
// The names are those that `make messages` looks for.

/** "CPU of vm is 97 %" of "%(label)s of %(subject)s is %(value)s" and `{label, subject, value}`. */
export function gettext(sentence, facts) {
    const found = globalThis.django?.gettext?.(sentence) ?? sentence;
    return facts === undefined ? found : filled(found, facts);
}

/** Sentences of the catalogue, cut at their facts, which have the odd places. */
const cut = new Map();

function filled(sentence, facts) {
    let parts = cut.get(sentence);
    if (parts === undefined) cut.set(sentence, (parts = sentence.split(/%\((\w+)\)s/)));
    let text = parts[0];
    for (let place = 1; place < parts.length; place += 2) text += (parts[place] in facts ? facts[parts[place]] : `%(${parts[place]})s`) + parts[place + 1];
    return text;
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
