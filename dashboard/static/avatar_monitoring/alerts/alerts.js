// The alerts page refreshes itself: it requests itself again and replaces only what has changed.

import { clockTime } from "../lib/format.js";
import { serverClock, showLocalTimes, tellFromPage } from "../lib/time.js";
import { setText } from "../lib/element.js";

const EVERY_MILLISECONDS = 30_000;
const shown = document.getElementById("alerts");
const freshness = document.getElementById("freshness");
let source = shown.innerHTML;
tellFromPage();
let freshAt = serverClock.now;
let asking = false;

async function refresh() {
    if (asking || document.hidden) return;
    asking = true;
    try {
        const response = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!response.ok || response.redirected) throw new Error(`the server answered ${response.status} from ${response.url}`);
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        tellFromPage(page);
        take(page);
        freshAt = serverClock.now;
        tell(`Updated ${clockTime(freshAt)}`, false);
    } catch (error) {
        console.info("The alerts were not refreshed:", error.message);
        tell(`Not updated since ${clockTime(freshAt)}`, true);
    } finally {
        asking = false;
    }
}

function take(page) {
    const fresh = page.getElementById("alerts");
    if (!fresh) throw new Error("the answer is not this page");
    document.title = page.title;
    if (fresh.innerHTML === source || isSelected(shown)) {
        showLocalTimes(shown);
        return;
    }
    source = fresh.innerHTML;
    const focused = shown.contains(document.activeElement) ? placeOf(document.activeElement) : null;
    const scrolled = [...shown.querySelectorAll(".scroller")].map((scroller) => scroller.scrollLeft);
    shown.replaceChildren(...document.adoptNode(fresh).childNodes);
    showLocalTimes(shown);
    shown.querySelectorAll(".scroller").forEach((scroller, index) => { scroller.scrollLeft = scrolled[index] ?? 0; });
    if (focused) shown.querySelector(focused)?.focus({ preventScroll: true });
}

/** The reader may be about to copy a selection: the next refresh is soon enough. */
function isSelected(root) {
    const selection = getSelection();
    return !selection.isCollapsed && root.contains(selection.anchorNode);
}

/** A selector that finds the same element in the fresh list. */
function placeOf(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const name = element.hasAttribute("href") ? "href" : "aria-label";
    return `${element.localName}[${name}="${CSS.escape(element.getAttribute(name) ?? "")}"]`;
}

function tell(text, isStale) {
    // Screen readers announce a failure, not every refresh.
    if (isStale) freshness.setAttribute("role", "status");
    else freshness.removeAttribute("role");
    freshness.classList.toggle("behind", isStale);
    setText(freshness, text);
}

tell(`Updated ${clockTime(freshAt)}`, false);
setInterval(refresh, EVERY_MILLISECONDS);
document.addEventListener("visibilitychange", refresh);
