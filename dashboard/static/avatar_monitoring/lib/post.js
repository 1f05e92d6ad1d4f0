// What people do on a page: sends it as JSON, and tells for some seconds that it was done.

import { element, setText } from "./element.js";
import { askForJSON } from "./server_answer.js";
import { gettext } from "./translate.js";

const SAID_MS = 6_000;

/** Sends JSON; returns the answer's content, or throws an error with `status`, whose text is `problemText(status, answer)`. */
export async function post(form, url, content, problemText, fetcher = globalThis.fetch) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    try {
        return await askForJSON(url, { method: "POST", headers, body: JSON.stringify(content), fetcher });
    } catch (error) {
        const { status, told } = error;
        const text = status === 0 ? gettext("The server does not answer. It may have been done all the same: look before you try again.") : problemText(status, told);
        throw Object.assign(new Error(text, { cause: error }), { status });
    }
}

export function tellDone(text, isProblem = false) {
    const note = element("p", { class: `toast${isProblem ? " toast--problem" : ""}`, role: isProblem ? "alert" : "status" });
    document.body.append(note);
    // Screen readers announce a change, not an element that appears with its text.
    requestAnimationFrame(() => setText(note, text));
    setTimeout(() => note.remove(), SAID_MS);
}

/** Shows why something was refused, or nothing. */
export function said(problem, error) {
    setText(problem, error?.message ?? "");
    problem.hidden = !error;
}
