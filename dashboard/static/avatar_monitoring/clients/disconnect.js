// Disconnecting clients: the dialog that asks for a reason, and what came of it.

import { count, plainText } from "../lib/format.js";
import { gettext, ngettext } from "../lib/translate.js";
import { post, said, tellDone } from "../lib/post.js";
import { setText } from "../lib/element.js";
import { statusText } from "../lib/server_answer.js";

const MOST_NAMED = 3;
/** What the server takes at once. */
const MOST_AT_ONCE = 100;
const byId = (id) => document.getElementById(id);

export class Disconnecting {
    /** `selection` knows the clients that it is about, its `targets`. */
    constructor(selection) {
        Object.assign(this, { selection, form: byId("disconnect-form"), dialog: byId("disconnect-dialog"), problem: byId("disconnect-problem") });
        this.button = byId("disconnect-button");
        this.button.addEventListener("click", () => this.#open());
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#send();
        });
        this.dialog.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close());
    }

    showButton() {
        const { targets, isSingle } = this.selection;
        this.button.hidden = targets.length === 0;
        setText(this.button, buttonText(targets.length, isSingle));
    }

    #open() {
        this.asked = this.selection.targets.map(({ client_id, node }) => ({ client_id, node }));
        this.form.reset();
        said(this.problem, null);
        setText(byId("disconnect-about"), aboutText(this.asked));
        this.dialog.showModal();
        this.form.elements.reason.focus();
    }

    async #send() {
        const submit = byId("disconnect-submit");
        submit.disabled = true;
        const outcomes = [];
        const reason = this.form.elements.reason.value.trim();
        try {
            while (this.asked.length) {
                const clients = this.asked.slice(0, MOST_AT_ONCE);
                outcomes.push(...(await post(this.form, this.form.dataset.url, { clients, reason }, problemText)).outcomes);
                this.asked = this.asked.slice(MOST_AT_ONCE);
            }
            this.dialog.close();
            this.selection.clear();
        } catch (error) {
            said(this.problem, error);
        } finally {
            submit.disabled = false;
        }
        if (outcomes.length) tellDone(outcomeText(outcomes), outcomes.some(({ outcome }) => ["not closed", "no answer"].includes(outcome)));
    }
}

/** Pure. */
export function buttonText(chosen, isSingle) {
    return isSingle && chosen <= 1 ? gettext("Disconnect") : gettext("Disconnect %(count)s", { count: count(chosen) });
}

/** Who will be disconnected: "ann on web:1, ben on web:2 and 5 more". Pure. */
export function aboutText(targets) {
    const named = targets.slice(0, MOST_NAMED).map(({ client_id: id, node }) => gettext("%(client)s on %(node)s", { client: plainText(id), node: plainText(node) }));
    const more = targets.length - named.length;
    return more > 0 ? gettext("%(clients)s and %(count)s more", { clients: named.join(", "), count: count(more) }) : named.join(", ");
}

const OUTCOMES = {
    disconnected: (number, facts) => ngettext("%(count)s client disconnected", "%(count)s clients disconnected", number, facts),
    "not connected": (number, facts) => ngettext("%(count)s client was not connected any more", "%(count)s clients were not connected any more", number, facts),
    "not closed": (number, facts) => ngettext("%(count)s client could not be closed by its server", "%(count)s clients could not be closed by their servers", number, facts),
    "no answer": (number, facts) =>
        ngettext("%(count)s client is unknown: not every node answered within 3 s", "%(count)s clients are unknown: not every node answered within 3 s", number, facts),
};

/** What came of it: "3 clients disconnected, 1 client was not connected any more". Pure. */
export function outcomeText(outcomes) {
    const told = Object.entries(OUTCOMES).flatMap(([outcome, text]) => {
        const number = outcomes.filter((found) => found.outcome === outcome).length;
        return number ? [text(number, { count: count(number) })] : [];
    });
    return told.join(", ");
}

/** Why it was refused. Pure. */
export function problemText(status, { error } = {}) {
    if (error) return error;
    if (status === 401 || status === 403) return gettext("You are no longer signed in, or may not disconnect clients. Reload the page.");
    return gettext("The server answered %(status)s. Nobody was disconnected.", { status: statusText(status) });
}
