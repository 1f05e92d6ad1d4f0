// A client's place among all clients, in words. Pure.

import { count, isKnown } from "../lib/format.js";
import { gettext } from "../lib/translate.js";

/** Among fewer clients a percentage would pretend to know more than it does. */
const FEW = 20;

/** "slower than 93 % of 120 clients", "slower than 1 of 2 other clients"; empty while it is not known. */
export function latencyPlace({ slower_than_percent: percent, measured_clients: clients } = {}) {
    if (!isKnown(percent)) return clients === 1 ? gettext("the only client that is measured") : "";
    const facts = factsOf(percent, clients);
    if (percent === 0) return gettext("none of %(others)s other clients is faster", facts);
    return clients < FEW ? gettext("slower than %(some)s of %(others)s other clients", facts) : gettext("slower than %(percent)s % of %(clients)s clients", facts);
}

/** The same for frames per second. */
export function framesPlace({ fewer_frames_than_percent: percent, drawing_clients: clients } = {}) {
    if (!isKnown(percent)) return clients === 1 ? gettext("the only client that draws") : "";
    const facts = factsOf(percent, clients);
    if (percent === 0) return gettext("none of %(others)s other clients draws more", facts);
    return clients < FEW ? gettext("fewer than %(some)s of %(others)s other clients", facts) : gettext("fewer than %(percent)s % of %(clients)s clients", facts);
}

function factsOf(percent, clients) {
    const others = clients - 1;
    return { percent: count(Math.floor(percent)), some: count(Math.round((percent * others) / 100)), others: count(others), clients: count(clients) };
}
