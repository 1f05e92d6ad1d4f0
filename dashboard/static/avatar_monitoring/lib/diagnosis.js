// Why the viewer's WebSocket cannot be opened: asks its address by HTTP, which says what serves it.

import { LONGEST_REASON_MS, whyRefused } from "./socket.js";

const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;
const UPGRADE_REQUIRED = 426;
const NAMES = new Map([[true, "upgrade"], [false, "unwrapped"], [null, "wsgi"]]);

/**
 * Resolves to "expired" or "forbidden" if that is why, else to `{name, path, status}`: "away", "blocked" by the page's policy,
 * "unwrapped", served by "wsgi", answered "elsewhere", or only the "upgrade" fails.
 */
export async function whyUnreachable(path, { isBlocked = () => false, fetcher = globalThis.fetch, refused = whyRefused, longest = LONGEST_REASON_MS } = {}) {
    if (isBlocked()) return { name: "blocked", path };
    const final = await refused();
    if (final) return final;
    let answer;
    try {
        answer = await fetcher(path, { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(longest) });
    } catch {
        return { name: "away", path };
    }
    const { status } = answer;
    if (status >= BAD_GATEWAY && status <= GATEWAY_TIMEOUT) return { name: "away", path, status };
    return { name: (status === UPGRADE_REQUIRED && NAMES.get(await monitoredOf(answer))) || "elsewhere", path, status };
}

async function monitoredOf(answer) {
    try {
        return (await answer.json()).monitored;
    } catch {
        return undefined;
    }
}
