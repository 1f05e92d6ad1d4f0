// How clients do by the path of their consumer and by their browser. The servers count it only while the panel is open.

import { isChosen, keepChoice, onChoice } from "../charts/chart_choices.js";
import { count, milliseconds, number, percentText } from "../lib/format.js";
import { element, setAttribute, setText, sized } from "../lib/element.js";
import { verdictBadge, verdictCounts } from "../lib/verdicts.js";
import { gettext, gettext_noop } from "../lib/translate.js";

const KINDS = ["paths", "browsers"];
/** What the servers call a group of what has no name, or too many names. */
const NAMELESS = { other: gettext_noop("other"), "not sent": gettext_noop("not sent") };

export class GroupsPanel {
    /** `onToggle()` is called when the panel is opened or closed, which is in the address; without a `root`, the page has none. */
    constructor(root, onToggle) {
        this.root = root;
        if (!root) return;
        root.open = isChosen("open", root.id);
        root.addEventListener("toggle", () => {
            keepChoice("open", root.id, root.open);
            onToggle();
        });
        onChoice("open", root.id, (isOpen) => { root.open = isOpen; });
    }

    /** The view to ask the server for. Servers of older releases do not know the key, which is left out if it is not needed. */
    asked(view) {
        return this.root?.open ? { ...view, groups: true } : view;
    }

    show({ groups }) {
        if (!this.root?.open) return;
        // Before the first count is complete there is none.
        this.root.querySelector("[data-waiting]").hidden = Boolean(groups);
        for (const kind of KINDS) this.#fill(this.root.querySelector(`[data-groups="${kind}"]`), groups?.[kind] ?? []);
    }

    #fill(section, groups) {
        section.hidden = groups.length === 0;
        const heads = [...section.querySelectorAll("th")].map((head) => head.dataset.label ?? head.textContent);
        const lines = sized(section.querySelector("tbody"), groups.length, () => newLine(heads));
        groups.forEach((group, index) => fillLine(lines[index].children, group));
    }
}

function newLine(heads) {
    const line = element("tr", {}, element("td", { class: "table__key" }, element("span", {}, element("bdi"))));
    for (let cell = 0; cell < 4; cell += 1) line.append(element("td", { class: "num" }));
    line.append(element("td", { class: "shares" }));
    heads.forEach((label, index) => line.children[index].setAttribute("data-label", label));
    return line;
}

function fillLine([name, clients, p50, p95, fps, verdicts], group) {
    setText(name.firstElementChild.firstElementChild, groupName(group.name));
    setAttribute(name.firstElementChild, "title", groupName(group.name));
    setText(clients, count(group.clients));
    setText(p50, milliseconds(group.p50_latency_ms));
    setText(p95, milliseconds(group.p95_latency_ms));
    setText(fps, number(group.fps, 0));
    const shares = verdictShares(group);
    const badges = sized(verdicts, shares.length, () => element("span"));
    shares.forEach(({ verdict, text }, index) => {
        setAttribute(badges[index], "class", `badge badge--${verdictBadge(verdict)}`);
        setText(badges[index], text);
    });
}

function groupName(name) {
    return Object.hasOwn(NAMELESS, name) ? gettext(NAMELESS[name]) : name;
}

/** "fine 80 %", "slow network 20 %": the share of a group's clients that have each verdict. */
export function verdictShares({ clients, verdicts }) {
    return verdictCounts(verdicts).map(({ verdict, text, count: found }) => ({ verdict, text: `${text} ${shareText(found / clients)}` }));
}

/** Few of many are not none, and not quite all are not all. */
function shareText(share) {
    if (share < 0.01) return `< ${percentText("1")}`;
    return share > 0.99 && share < 1 ? `> ${percentText("99")}` : percentText(Math.round(share * 100));
}
