// Asks the server for the past. What it refuses, it says in `{"error": …}`.

const LONGEST_WAIT_MS = 15_000;

export async function fetchJSON(url, parameters) {
    const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
        cache: "no-store",
    }).catch((error) => {
        // A browser's own words, such as "Failed to fetch", say nothing to people.
        throw new Error("the server does not answer", { cause: error });
    });
    const isJSON = (answer.headers.get("Content-Type") ?? "").includes("json");
    if (answer.ok && isJSON) return answer.json();
    const reason = isJSON ? (await answer.json()).error : null;
    throw new Error(reason ?? `the server answered ${answer.status}`);
}
