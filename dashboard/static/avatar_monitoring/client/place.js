// A client's place among all clients, in words. Pure.

import { count, isKnown } from "../lib/format.js";
import { gettext, ngettext } from "../lib/translate.js";

/** Among fewer clients a percentage would pretend to know more than it does. */
const FEW = 20;

/** "slower than 93 % of 120 clients", "slower than 1 of 2 other clients"; empty while it is not known. */
export function latencyPlace({ slower_than_percent: percent, measured_clients: clients } = {}) {
    if (!isKnown(percent)) return clients === 1 ? gettext("the only client that is measured") : "";
    const facts = factsOf(percent, clients);
    const others = clients - 1;
    if (percent === 0) return ngettext("the only other client is not faster", "none of %(others)s other clients is faster", others, facts);
    return clients < FEW ? ngettext("slower than the only other client", "slower than %(some)s of %(others)s other clients", others, facts) : ngettext("slower than %(percent)s % of %(clients)s client", "slower than %(percent)s % of %(clients)s clients", clients, facts);
}

/** The same for frames per second. */
export function framesPlace({ fewer_frames_than_percent: percent, drawing_clients: clients } = {}) {
    if (!isKnown(percent)) return clients === 1 ? gettext("the only client that draws") : "";
    const facts = factsOf(percent, clients);
    const others = clients - 1;
    if (percent === 0) return ngettext("the only other client does not draw more", "none of %(others)s other clients draws more", others, facts);
    return clients < FEW ? ngettext("fewer than the only other client", "fewer than %(some)s of %(others)s other clients", others, facts) : ngettext("fewer than %(percent)s % of %(clients)s client", "fewer than %(percent)s % of %(clients)s clients", clients, facts);
}

function factsOf(percent, clients) {
    const others = clients - 1;
    return { percent: count(Math.floor(percent)), some: count(Math.round((percent * others) / 100)), others: count(others), clients: count(clients) };
}
