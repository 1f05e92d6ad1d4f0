// How a reader has turned the parts of a page: which charts show a peak whole, which stand as tables, which panels are open.
// It is in the address, as "whole=network,messages", so that reloading and a copied link show the same.

const CHOICES = ["whole", "table", "open"];

/** The live page's charts have the same names as other pages' in the address. */
const named = (key) => key.replace(/^live-/, "");

function chosenIn(search, what) {
    return (new URLSearchParams(search).get(what) ?? "").split(",").filter(Boolean);
}

/** Whether `what`, such as "whole", is chosen for a part. Pure. */
export function isChosen(what, key, search = globalThis.location?.search ?? "") {
    return chosenIn(search, what).includes(named(key));
}

/** The query string with a choice, or without it; all else stays. Pure. */
export function withChoice(search, what, key, isOn) {
    const query = new URLSearchParams(search);
    const others = chosenIn(search, what).filter((one) => one !== named(key));
    const all = isOn ? [...others, named(key)] : others;
    if (all.length) query.set(what, all.join(","));
    else query.delete(what);
    return written(query);
}

/** The query string of a link, with how the parts of the page are turned by `search`. Pure. */
export function withChoicesOf(link, search) {
    const [query, current] = [link, search].map((text) => new URLSearchParams(text));
    for (const what of CHOICES) {
        if (current.has(what)) query.set(what, current.get(what));
        else query.delete(what);
    }
    return written(query);
}

/** Lets the links to other ranges of the same page keep how its parts are turned. */
export function keepChoicesInLinks(page = document) {
    for (const link of page.querySelectorAll("a[href^='?']")) link.setAttribute("href", withChoicesOf(link.getAttribute("href"), location.search) || location.pathname);
}

/** The choices in the page's address, as names and values. */
export function choicesNow(search = globalThis.location?.search ?? "") {
    return [...new URLSearchParams(search)].filter(([name]) => CHOICES.includes(name));
}

function written(query) {
    // Colons and commas are allowed in a query string, and easier to read.
    const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
    return text ? `?${text}` : "";
}

/** Puts a choice into the page's address. It is no step that a reader would go Back over. */
export function keepChoice(what, key, isOn) {
    const search = withChoice(location.search, what, key, isOn);
    if (search === location.search) return;
    history.replaceState(history.state, "", `${location.pathname}${search}${location.hash}`);
    if (globalThis.document) keepChoicesInLinks();
}

/** Calls back with what the address says whenever Back or Forward has changed it. */
export function onChoice(what, key, onChange, page = globalThis) {
    page.addEventListener?.("popstate", () => onChange(isChosen(what, key)));
}
