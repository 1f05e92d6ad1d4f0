// Which clients are chosen in the table, and what one may do with them: the choice stays while rows come, go and change places.

import { copyText } from "../lib/copy.js";
import { count, plainText } from "../lib/format.js";
import { Disconnecting } from "./disconnect.js";
import { element, setAttribute, setText } from "../lib/element.js";
import { gettext, ngettext } from "../lib/translate.js";
import { rowKey } from "./view.js";
import { tellDone } from "../lib/post.js";

const byId = (id) => document.getElementById(id);

/** Boxes in the table's rows, and what may be done with the chosen ones; null where nothing may be. `linkOf(clientId)` is the address of a client's page. */
export function startChoosing({ isSingle, linkOf }) {
    return byId("chosen-tools") || byId("disconnect-dialog") ? new Selection(isSingle, linkOf) : null;
}

class Selection {
    constructor(isSingle, linkOf) {
        Object.assign(this, { isSingle, linkOf, chosen: new Map(), shown: [], lines: [], last: null });
        this.tools = byId("chosen-tools");
        this.all = byId("choose-shown");
        this.disconnecting = byId("disconnect-dialog") ? new Disconnecting(this) : null;
        this.all?.addEventListener("change", () => this.#choose(this.shown, this.all.checked));
        byId("chosen-clear")?.addEventListener("click", () => this.clear());
        byId("chosen-ids")?.addEventListener("click", () => copy([...this.chosen.values()].map(({ client_id: id }) => id)));
        byId("chosen-links")?.addEventListener("click", () => copy([...this.chosen.values()].map(({ client_id: id }) => new URL(this.linkOf(id), location.href).href)));
    }

    /** The chosen clients; on the page of one, all that it shows if none is chosen. */
    get targets() {
        const chosen = [...this.chosen.values()];
        return chosen.length === 0 && this.isSingle ? this.shown : chosen;
    }

    clear() {
        this.#choose([...this.chosen.values()], false);
    }

    /** The rows that the table shows now, and their lines. */
    show(rows, lines) {
        this.shown = rows;
        this.lines = lines;
        rows.forEach((row, index) => this.#fill(lines[index], row, index));
        this.#showTools();
    }

    #fill(line, row, index) {
        const [cell] = line.children;
        let box = cell.querySelector("input");
        if (!box) {
            box = element("input", { type: "checkbox", class: "choice" });
            // A click tells whether Shift was held, and so does Space.
            box.addEventListener("click", ({ shiftKey }) => this.#clicked(Number(box.dataset.index), box.checked, shiftKey));
            cell.prepend(box);
        }
        setAttribute(box, "data-index", String(index));
        setAttribute(box, "aria-label", gettext("Choose %(client)s", { client: plainText(row.client_id) }));
        box.checked = this.chosen.has(rowKey(row));
        line.toggleAttribute("data-chosen", box.checked);
    }

    /** With Shift, everything from the row that was clicked before. */
    #clicked(index, isChosen, isRange) {
        const from = isRange && this.last ? this.shown.findIndex((row) => rowKey(row) === this.last) : -1;
        const [first, end] = from < 0 ? [index, index] : [Math.min(from, index), Math.max(from, index)];
        this.last = rowKey(this.shown[index]);
        this.#choose(this.shown.slice(first, end + 1), isChosen);
    }

    #choose(rows, isChosen) {
        for (const row of rows) {
            if (isChosen) this.chosen.set(rowKey(row), { client_id: row.client_id, node: row.node });
            else this.chosen.delete(rowKey(row));
        }
        this.show(this.shown, this.lines);
    }

    #showTools() {
        this.disconnecting?.showButton();
        if (!this.tools) return;
        const { size } = this.chosen;
        this.tools.hidden = size === 0;
        setText(byId("chosen-count"), ngettext("%(count)s chosen", "%(count)s chosen", size, { count: count(size) }));
        const alerts = byId("chosen-alerts");
        const query = new URLSearchParams([...this.chosen.values()].map(({ client_id: id }) => ["client", id]));
        if (size) setAttribute(alerts, "href", `${alerts.dataset.url}?${query}`);
        const shown = this.shown.filter((row) => this.chosen.has(rowKey(row))).length;
        this.all.checked = shown > 0 && shown === this.shown.length;
        this.all.indeterminate = shown > 0 && shown < this.shown.length;
    }
}

async function copy(texts) {
    if (await copyText(texts.join("\n"))) tellDone(ngettext("%(count)s line copied", "%(count)s lines copied", texts.length, { count: count(texts.length) }));
}
