// The button "Copy link": the address of exactly what the page shows.

import { startCopying } from "./copy.js";

const parts = [];

/** `add(query)` puts what the page shows into the query of the copied address, as far as the page's own address lacks it. */
export function onCopyLink(add) {
    parts.push(add);
}

/** The address to copy. Pure, but for what pages add. */
export function linkTo(href) {
    const address = new URL(href);
    for (const add of parts) add(address.searchParams);
    const query = address.searchParams.toString().replaceAll("%3A", ":");
    return `${address.origin}${address.pathname}${query ? `?${query}` : ""}${address.hash}`;
}

export function startCopyLinks(root = document) {
    for (const button of root.querySelectorAll("[data-copy-link]")) startCopying(button, () => linkTo(location.href));
}
