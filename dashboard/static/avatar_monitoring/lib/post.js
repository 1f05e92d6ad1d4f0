// What people do on a page: sends it as JSON, and tells for some seconds that it was done.

import { element, setText } from "./element.js";
import { gettext } from "./translate.js";

const LONGEST_WAIT_MS = 15_000;
const SAID_MS = 6_000;

/** Sends JSON; returns the answer's content, or throws an error with `status` and `answer`, whose text is `problemText(status, answer)`. */
export async function post(form, url, content, problemText) {
    const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        body: JSON.stringify(content),
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    }).catch(() => {
        throw new Error(gettext("The server does not answer. Nothing was changed; try again."));
    });
    const isJSON = (answer.headers.get("Content-Type") ?? "").includes("json");
    const told = isJSON ? await answer.json() : {};
    if (answer.ok) return told;
    throw Object.assign(new Error(problemText(answer.status, told)), { status: answer.status, answer: told });
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
