// The chips above the clients' table: how many clients of all are in which state and have which verdict, and filters by them.

import { count } from "../lib/format.js";
import { element, setAttribute, setText, sized } from "../lib/element.js";
import { gettext } from "../lib/translate.js";
import { STATES, stateText } from "./states.js";
import { verdictCounts, verdictMeaning } from "../lib/verdicts.js";

export class ClientChips {
    /** `onChoose` is called with what to change in what is asked for: `{state}`, `{verdict}`, or both for all. Without a `root` there are none. */
    constructor(root, onChoose) {
        this.root = root;
        root?.addEventListener("click", ({ target }) => {
            const chip = target.closest("button");
            if (!chip) return;
            const { kind } = chip.dataset;
            const value = chip.getAttribute("aria-pressed") === "true" ? "" : chip.value;
            onChoose(kind === "all" ? { state: "", verdict: "" } : { [kind]: value });
        });
    }

    /** `frame` has the counts; nodes of older releases count no states, or none at all, and the past knows neither. */
    show(frame, asked) {
        if (!this.root) return;
        const chips = frame.isPast ? [] : chipsOf(frame, asked);
        this.root.hidden = chips.length === 0;
        const buttons = sized(this.root, chips.length, () => element("button", { type: "button", class: "chip" }, element("span"), element("span", { class: "chip__count" })));
        chips.forEach((chip, index) => {
            const button = buttons[index];
            for (const [name, value] of Object.entries({ value: chip.value, "data-kind": chip.kind, title: chip.title, "aria-pressed": String(chip.isOn) })) setAttribute(button, name, value);
            setText(button.firstElementChild, chip.text);
            setText(button.lastElementChild, count(chip.count));
        });
    }
}

/** All of them, as `{kind, value, text, title, count, isOn}`. Pure. */
export function chipsOf({ clients_total: total, states, verdicts }, { state = "", verdict = "" }) {
    const byState = states && Object.keys(states).length ? STATES : STATES.filter((name) => name === state);
    const byVerdict = verdictCounts(verdicts, verdict || undefined);
    if (!total || byState.length + byVerdict.length === 0) return [];
    return [
        { kind: "all", value: "", text: gettext("all"), title: "", count: total, isOn: !state && !verdict },
        ...byState.map((name) => ({ kind: "state", value: name, text: stateText(name), title: "", count: states?.[name] ?? 0, isOn: name === state })),
        ...byVerdict.map(({ verdict: name, text, count: found }) => ({ kind: "verdict", value: name, text, title: verdictMeaning(name), count: found, isOn: name === verdict })),
    ];
}
