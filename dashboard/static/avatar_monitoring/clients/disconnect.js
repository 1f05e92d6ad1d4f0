// Disconnecting clients: which rows are chosen, the dialog that asks for a reason, and what came of it.

import { count, plainText } from "../lib/format.js";
import { element, setAttribute, setText } from "../lib/element.js";
import { gettext, ngettext } from "../lib/translate.js";
import { post, said, tellDone } from "../lib/post.js";

const MOST_NAMED = 3;
const MOST_AT_ONCE = 100;
const byId = (id) => document.getElementById(id);
const keyOf = ({ client_id: id, node }) => JSON.stringify([id, node]);

/** Rows of the clients' table with boxes, and the button for those that are chosen; null if this person may not disconnect. */
export function startDisconnecting({ isSingle }) {
    return byId("disconnect-dialog") ? new Disconnecting(isSingle) : null;
}

class Disconnecting {
    constructor(isSingle) {
        Object.assign(this, { isSingle, chosen: new Map(), shown: [], form: byId("disconnect-form"), dialog: byId("disconnect-dialog"), problem: byId("disconnect-problem") });
        this.button = byId("disconnect-button");
        this.button.addEventListener("click", () => this.#open());
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#send();
        });
        this.dialog.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close());
    }

    /** The rows that the table shows now, and their lines. */
    show(rows, lines) {
        this.shown = rows;
        rows.forEach((row, index) => this.#fill(lines[index], row));
        this.#showButton();
    }

    #fill(line, row) {
        const [cell] = line.children;
        let box = cell.querySelector("input");
        if (!box) {
            box = element("input", { type: "checkbox", class: "choice" });
            box.addEventListener("change", () => this.#choose(JSON.parse(box.value), box.checked));
            cell.prepend(box);
        }
        const key = keyOf(row);
        if (box.value !== key) box.value = key;
        setAttribute(box, "aria-label", gettext("Choose %(client)s", { client: plainText(row.client_id) }));
        box.checked = this.chosen.has(key);
    }

    #choose([id, node], isChosen) {
        const row = { client_id: id, node };
        if (isChosen) this.chosen.set(keyOf(row), row);
        else this.chosen.delete(keyOf(row));
        this.#showButton();
    }

    /** The chosen clients; on the page of one, all that it shows if none is chosen. */
    get #targets() {
        const chosen = [...this.chosen.values()];
        return (chosen.length === 0 && this.isSingle ? this.shown : chosen).slice(0, MOST_AT_ONCE);
    }

    #showButton() {
        this.button.hidden = this.#targets.length === 0;
        setText(this.button, buttonText(this.#targets.length, this.isSingle));
    }

    #open() {
        this.asked = this.#targets.map(({ client_id, node }) => ({ client_id, node }));
        this.form.reset();
        said(this.problem, null);
        setText(byId("disconnect-about"), aboutText(this.asked));
        this.dialog.showModal();
        this.form.elements.reason.focus();
    }

    async #send() {
        const submit = byId("disconnect-submit");
        submit.disabled = true;
        try {
            const { outcomes } = await post(this.form, this.form.dataset.url, { clients: this.asked, reason: this.form.elements.reason.value.trim() }, problemText);
            this.dialog.close();
            this.chosen.clear();
            this.show(this.shown, this.shown.map((_, index) => byId("clients").querySelector("tbody").children[index]));
            tellDone(outcomeText(outcomes), outcomes.some(({ outcome }) => ["not closed", "no answer"].includes(outcome)));
        } catch (error) {
            said(this.problem, error);
        } finally {
            submit.disabled = false;
        }
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
    return gettext("The server answered %(status)s. Nobody was disconnected.", { status });
}
