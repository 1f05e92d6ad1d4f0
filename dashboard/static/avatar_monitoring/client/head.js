// The head of a client's page: its verdict with the evidence, who it is, and its place among all clients.

import { dateTime, duration, plainText, UNKNOWN } from "../lib/format.js";
import { framesPlace, latencyPlace } from "./place.js";
import { gettext } from "../lib/translate.js";
import { setAttribute, setText } from "../lib/element.js";
import { verdictBadge, verdictText, whyText } from "../lib/verdicts.js";

export class ClientHead {
    constructor(root) {
        this.root = root;
        this.badge = root.querySelector("[data-verdict]");
        this.why = root.querySelector("[data-why]");
        this.state = root.querySelector("[data-state]");
        this.since = root.querySelector("[data-since]");
    }

    /** Shows a second of the client, null if it is not connected; the server's time is `now`. */
    show(second, now) {
        this.root.toggleAttribute("data-away", !second);
        setAttribute(this.state, "class", `badge badge--${second ? "live" : "stale"}`);
        setText(this.state, second ? gettext("connected") : gettext("not connected"));
        this.badge.hidden = !second;
        if (second) this.root.setAttribute("data-known", "");
        if (!second) {
            this.#showSince(null);
            const isKnown = this.root.hasAttribute("data-known");
            setText(this.why, isKnown ? gettext("This client is not connected now. What is known of it is from its last connection.") : gettext("Nothing is known of a client with this id: it is not connected, and no session of it is stored."));
            return;
        }
        setAttribute(this.badge, "class", `badge badge--${verdictBadge(second.verdict)}`);
        setText(this.badge, verdictText(second.verdict));
        setText(this.why, whyText(second));
        this.#showSince(second.connected_at, now);
        for (const name of ["node", "path", "remote", "user", "room"]) this.#fact(name, second[name]);
        this.#fact("browser", second.user_agent ? second.browser : "", second.user_agent);
        const { place } = second;
        this.#fact("latency-place", latencyPlace(place));
        this.#fact("frames-place", second.hidden ? gettext("its tab is hidden, so it draws nothing") : framesPlace(place));
    }

    /** The page may be older than the connection, and stay longer than it. */
    #showSince(connectedAt, now) {
        if (connectedAt !== null) {
            setText(this.since, gettext("Connected for"));
            this.#fact("since", gettext("%(time)s (%(moment)s)", { time: duration(now - connectedAt), moment: dateTime(connectedAt, true) }));
        } else if (this.connectedAt) {
            setText(this.since, gettext("Last connected"));
            this.#fact("since", dateTime(this.connectedAt, true));
        }
        this.connectedAt = connectedAt;
    }

    #fact(name, text, title = "") {
        const fact = this.root.querySelector(`[data-fact="${name}"]`);
        setText(fact, text ? plainText(text) : UNKNOWN);
        if (title) setAttribute(fact, "title", plainText(title));
        const isOptional = ["user", "room", "latency-place", "frames-place"].includes(name);
        if (isOptional) fact.parentElement.hidden = !text;
    }
}
