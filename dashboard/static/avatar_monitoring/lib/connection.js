// The texts for the states of a connection. Pure.

const FINAL = {
    expired: "Your session has expired.",
    forbidden: "Your account lacks the permission avatar_monitoring.view_live.",
    refused: "The server refused this page's messages. Reload the page.",
    replaced: "Another window has taken over.",
    closed: "Disconnected.",
};
const STALE_INTERVALS = 3;

/** `{pill, text, kind, retry, login}` for a state of ReturningSocket; `text` is empty if no banner is needed. */
export function describe(state) {
    if (state.name === "live") return { pill: "Live", text: "", kind: "live" };
    if (state.name === "connecting" && state.again) return { pill: "Reconnecting", text: "Reconnecting now …", kind: "waiting" };
    if (state.name === "connecting") return { pill: "Connecting", text: "", kind: "connecting" };
    if (state.name === "waiting") return { pill: "Reconnecting", text: waitingText(state), kind: "waiting", retry: true };
    return { pill: "Disconnected", text: FINAL[state.name] ?? FINAL.closed, kind: "stopped", login: state.name === "expired", retry: state.name === "replaced" };
}

function waitingText({ busy, code }) {
    if (busy) return "The server is too busy for this page.";
    if (code === 4409) return "This name is in use.";
    if (code === 4012) return "The server is restarting.";
    return "The connection to the server was lost.";
}

export function countdown(retryAt, now) {
    return `Reconnecting in ${Math.max(0, Math.ceil((retryAt - now) / 1000))} s`;
}

/** Old numbers must not look live: they are stale after three intervals without new ones. */
export function isStale(ageSeconds, interval) {
    return ageSeconds > STALE_INTERVALS * interval;
}
