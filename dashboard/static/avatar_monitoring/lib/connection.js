// The texts for the states of a connection. Pure.

import { gettext, gettext_noop } from "./translate.js";
import { secondsText } from "./format.js";

const FINAL = {
    expired: gettext_noop("Your session has expired."),
    forbidden: gettext_noop("Your account lacks the permission avatar_monitoring.view_live."),
    refused: gettext_noop("The server refused this page's messages. Reload the page."),
    replaced: gettext_noop("Another window has taken over."),
    disconnected: gettext_noop("An operator of the site has ended this connection."),
    closed: gettext_noop("Disconnected."),
};
const BY_HAND = ["replaced", "disconnected"];
const STALE_INTERVALS = 3;

/** `{pill, text, kind, retry, login}` for a state of ReturningSocket; `text` is empty if no banner is needed. */
export function describe(state) {
    if (state.name === "live") return { pill: gettext("Live"), text: "", kind: "live" };
    if (state.name === "connecting" && state.again) return { pill: gettext("Reconnecting"), text: gettext("Reconnecting now …"), kind: "waiting" };
    if (state.name === "connecting") return { pill: gettext("Connecting"), text: "", kind: "connecting" };
    if (state.name === "waiting") return { pill: gettext("Reconnecting"), text: waitingText(state), kind: "waiting", retry: true };
    return { pill: gettext("Disconnected"), text: gettext(FINAL[state.name] ?? FINAL.closed), kind: "stopped", login: state.name === "expired", retry: BY_HAND.includes(state.name) };
}

const UNREACHABLE = {
    away: gettext_noop("The server does not answer."),
    unwrapped: gettext_noop("The server's ASGI application is not wrapped in monitored(…), so nothing is measured."),
    wsgi: gettext_noop("A WSGI server serves this page, and WSGI has no WebSockets: route %(path)s to the ASGI server."),
    elsewhere: gettext_noop("Something else answers at %(path)s, with status %(status)s: route it to the server that serves this page."),
    blocked: gettext_noop("The page's Content-Security-Policy forbids the connection: allow it with connect-src 'self'."),
    upgrade: gettext_noop("The server answers, but opening a WebSocket at %(path)s fails. Probably a proxy does not pass on the headers Upgrade and Connection; the server may also refuse this origin (AVATAR_ALLOWED_ORIGINS) or have too many connections."),
};
const CERTAIN_FROM = 2;

function waitingText({ busy, code, why, attempt }) {
    // A server that has just started may have missed the first attempt.
    if (why && (why.name !== "upgrade" || attempt >= CERTAIN_FROM)) return gettext(UNREACHABLE[why.name], why);
    if (busy) return gettext("The server is too busy for this page.");
    if (code === 4409) return gettext("This name is in use.");
    if (code === 4012) return gettext("The server is restarting.");
    return gettext("The connection to the server was lost.");
}

/** Whether the server does not answer, so that nobody knows what happens there; while a new attempt is made, as before. */
export function isAway({ name, why, busy }, wasAway = false) {
    if (name === "connecting") return wasAway;
    return name === "waiting" && !busy && (why?.name ?? "away") === "away";
}

/** Whether the connection does not come back by itself, so that its last numbers are no longer those of now. */
export function hasEnded({ name }) {
    return name in FINAL;
}

export function countdown(retryAt, now) {
    return gettext("Reconnecting in %(time)s", { time: secondsText(Math.max(0, Math.ceil((retryAt - now) / 1000))) });
}

/** Old numbers must not look live: they are stale after three intervals without new ones. */
export function isStale(ageSeconds, interval) {
    return ageSeconds > STALE_INTERVALS * interval;
}
