// Asks the server, and says in words why there is no answer: each request of a page that fails is told alike.

import { gettext, gettext_noop } from "./translate.js";

/** Longer than SQLite waits for its lock, after which the server says that it could not write. */
const LONGEST_WAIT_MS = 25_000;
const SIGNED_OUT = 401;
const KNOWN = {
    [SIGNED_OUT]: gettext_noop("you are no longer signed in"),
    403: gettext_noop("your account may not do this any more"),
    413: gettext_noop("%(status)s: too much at once"),
    429: gettext_noop("%(status)s: asked too often, try again in a minute"),
    502: gettext_noop("%(status)s: not available at present"),
    503: gettext_noop("%(status)s: not available at present"),
    504: gettext_noop("%(status)s: not available at present"),
};

/** "429: asked too often, try again in a minute". Pure. */
export function statusText(status) {
    return status in KNOWN ? gettext(KNOWN[status], { status }) : String(status);
}

/** Why nothing came. `status` is that of the answer, 0 without one; `told` what it says as JSON. */
export class UnansweredError extends Error {
    constructor(status, told = {}, options = {}) {
        super(told.error ?? whyText(status), options);
        Object.assign(this, { status, told });
    }
}

function whyText(status) {
    if (status === 0) return gettext("the server does not answer");
    return status === SIGNED_OUT || status === 403 ? statusText(status) : gettext("the server answered %(status)s", { status: statusText(status) });
}

/** The answer to a request, if it is a good one; else throws an UnansweredError. */
export async function askServer(url, { fetcher = globalThis.fetch, ...options } = {}) {
    // Only a sign-in page is elsewhere: it must not be taken for the answer.
    const answer = await fetcher(url, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(LONGEST_WAIT_MS), ...options }).catch((error) => {
        // A browser's own message, such as "Failed to fetch", does not help the reader.
        throw new UnansweredError(0, {}, { cause: error });
    });
    if (answer.ok) return answer;
    throw new UnansweredError(answer.type === "opaqueredirect" ? SIGNED_OUT : answer.status, (await contentOf(answer)) ?? {});
}

/** The same for an answer in JSON; anything else is a page of who stands between, such as one to sign in. */
export async function askForJSON(url, options = {}) {
    const answer = await askServer(url, { ...options, headers: { Accept: "application/json", ...options.headers } });
    const isJSON = isJSONIn(answer);
    const content = await contentOf(answer);
    if (content === null) throw new UnansweredError(isJSON ? 0 : SIGNED_OUT);
    return content;
}

const isJSONIn = (answer) => (answer.headers.get("Content-Type") ?? "").includes("json");

/** Null for what is no JSON, or breaks off. */
async function contentOf(answer) {
    if (!isJSONIn(answer)) return null;
    try {
        return await answer.json();
    } catch {
        return null;
    }
}
