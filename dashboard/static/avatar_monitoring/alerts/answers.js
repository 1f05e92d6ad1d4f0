// What people do about alerts: buttons with `data-act` open a dialog, which sends the answer. If another operator was first,
// the dialog says so and keeps what was written.

import { attention } from "../lib/attention.js";
import { count, dateTime, plainText } from "../lib/format.js";
import { post, said, tellDone } from "../lib/post.js";
import { stamp } from "../lib/time.js";
import { statusText } from "../lib/server_answer.js";
import { ZonedField } from "../lib/zoned_fields.js";
import { setText } from "../lib/element.js";
import { gettext, gettext_noop, ngettext } from "../lib/translate.js";

const ACTS = {
    acknowledge: { title: gettext_noop("Acknowledge"), button: gettext_noop("Acknowledge"), done: gettext_noop("Acknowledged") },
    comment: { title: gettext_noop("Comment"), button: gettext_noop("Comment"), done: gettext_noop("Commented"), needsText: true },
    resolve: {
        title: gettext_noop("Resolve by hand"),
        button: gettext_noop("Resolve"),
        done: gettext_noop("Resolved"),
        note: gettext_noop("The alert ends now. It fires again if its value comes down and then goes over the limit once more."),
    },
    unacknowledge: { title: gettext_noop("Undo"), done: gettext_noop("No longer acknowledged") },
};
const byId = (id) => document.getElementById(id);

/** Why an answer was refused, plainly. Pure. */
export function problemText(status, { error, by, at } = {}) {
    if (status === 409 && by) return gettext("%(by)s has acknowledged this already, at %(at)s. You are not the first, so nothing was changed.", { by: plainText(by), at: dateTime(Date.parse(at) / 1000, true) });
    if (error) return error;
    if (status === 401 || status === 403) return gettext("You are no longer signed in, or may not answer alerts. Reload the page.");
    return gettext("The server answered %(status)s. Nothing was changed.", { status: statusText(status) });
}

/** What the dialog is about. Pure. */
export function aboutText({ said, count: many }) {
    if (!many) return said ?? "";
    const facts = { said, count: count(Number(many)) };
    if (said) {
        return ngettext("%(said)s: the one firing alert that matches the filter.", "%(said)s: all %(count)s firing alerts that match the filter, also those that this page does not list.", Number(many), facts);
    }
    return ngettext("The one firing alert that matches the filter.", "All %(count)s firing alerts that match the filter, also those that this page does not list.", Number(many), facts);
}

/** `onDone(act)` is called when the server has taken an answer. */
export function startAnswers({ onDone }) {
    const dialog = byId("answer-dialog");
    if (!dialog) return;
    const answer = new AnswerDialog(dialog, byId("answer-form"), onDone);
    const silence = new SilenceDialog(byId("silence-dialog"), byId("silence-form"), onDone);
    document.addEventListener("click", ({ target }) => {
        const button = target.closest?.("[data-act], [data-end]");
        if (!button) return;
        if (button.dataset.end) silence.end(button);
        else if (button.dataset.act === "silence") silence.open(button);
        else answer.open(button);
    });
    for (const close of document.querySelectorAll("[data-close]")) close.addEventListener("click", () => close.closest("dialog").close());
}

class AnswerDialog {
    constructor(dialog, form, onDone) {
        Object.assign(this, { dialog, form, onDone, problem: byId("answer-problem"), instead: byId("answer-as-comment") });
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#send(this.asked.act);
        });
        this.instead.addEventListener("click", () => this.#send("comment"));
    }

    open({ dataset }) {
        this.asked = { ...dataset };
        const { title, button, note = "", needsText = false } = ACTS[dataset.act];
        if (!button) {
            this.#send(dataset.act);
            return;
        }
        const { text } = this.form.elements;
        text.value = "";
        text.required = needsText;
        said(this.problem, null);
        this.instead.hidden = true;
        setText(byId("answer-title"), gettext(title));
        setText(byId("answer-submit"), gettext(button));
        setText(byId("answer-label"), needsText ? gettext("Comment") : gettext("Comment (may be empty)"));
        setText(byId("answer-about"), [aboutText(dataset), note && gettext(note)].filter(Boolean).join(" "));
        for (const part of this.form.querySelectorAll("[data-only]")) part.hidden = part.dataset.only !== dataset.act;
        this.dialog.showModal();
        text.focus();
    }

    async #send(act) {
        const { alert, filter, rule, subject } = this.asked;
        const { text, until } = this.form.elements;
        const which = alert ? { alert: Number(alert) } : rule ? { filter: new URLSearchParams({ rule, subject }).toString() } : { filter };
        const isSilent = act === "unacknowledge";
        try {
            const done = await post(this.form, this.form.dataset.url, { act, ...which, text: isSilent ? "" : text.value, ...(act === "acknowledge" ? { until: until.value } : {}) }, problemText);
            this.dialog.close();
            tellDone(doneText(gettext(ACTS[act].done), done));
            this.#changed(act);
        } catch (error) {
            if (!this.dialog.open) tellDone(error.message, true);
            said(this.problem, error);
            // What was written is kept, and can still be said.
            this.instead.hidden = !(error.status === 409 && act === "acknowledge" && text.value.trim());
            if (error.status === 409) this.#changed(act);
        }
    }

    #changed(act) {
        attention.ask();
        this.onDone(act);
    }
}

/** "Acknowledged", "Acknowledged: 12 alerts; 2 needed no change". Pure. */
export function doneText(done, { changed = 1, passed_over: passedOver = 0 } = {}) {
    const many = changed === 1 ? done : ngettext("%(done)s: %(count)s alert", "%(done)s: %(count)s alerts", changed, { done, count: count(changed) });
    return passedOver ? ngettext("%(done)s; %(count)s needed no change", "%(done)s; %(count)s needed no change", passedOver, { done: many, count: count(passedOver) }) : many;
}

class SilenceDialog {
    constructor(dialog, form, onDone) {
        Object.assign(this, { dialog, form, onDone, problem: byId("silence-problem"), starts: new ZonedField(form.elements.starts) });
        this.names = [...form.querySelectorAll(".dialog__grid:first-of-type input")].map(({ name }) => name);
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#send();
        });
    }

    open({ dataset }) {
        const matchers = dataset.matchers ? JSON.parse(dataset.matchers) : {};
        this.form.reset();
        this.starts.show(NaN);
        for (const name of this.names) this.form.elements[name].value = matchers[name] ?? "";
        said(this.problem, null);
        this.dialog.showModal();
        this.form.elements.reason.focus();
    }

    async #send() {
        const { elements } = this.form;
        const matchers = Object.fromEntries(this.names.map((name) => [name, elements[name].value.trim()]).filter(([, value]) => value));
        const starts = Number.isNaN(this.starts.moment) ? "" : stamp(this.starts.moment);
        try {
            await post(this.form, this.form.dataset.url, { matchers, starts, length: elements.lasts.value, repeats: elements.repeats.value, reason: elements.reason.value }, problemText);
            this.dialog.close();
            tellDone(starts ? gettext("The silence is planned") : gettext("Silenced"));
            attention.ask();
            this.onDone("silence");
        } catch (error) {
            said(this.problem, error);
        }
    }

    async end(button) {
        button.disabled = true;
        try {
            await post(this.form, button.dataset.end, {}, problemText);
            tellDone(gettext("The silence has ended"));
            attention.ask();
            this.onDone("end");
        } catch (error) {
            tellDone(error.message, true);
            button.disabled = false;
        }
    }
}
