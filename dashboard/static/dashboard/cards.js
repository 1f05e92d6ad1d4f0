// The six cards at the top of the live page.

import { BANDS } from "./severity.js";
import { cardValues } from "./card_values.js";
import { element, setAttribute, setIcon, setText, sized } from "./element.js";
import { sparklinePath } from "./sparkline.js";

const SPARK_SECONDS = 60;
const SPARK_WIDTH = 120;
const SPARK_HEIGHT = 30;
const SPARKS = {
    cpu: { columns: ["cpu"], ceiling: 100 },
    memory: { columns: ["memory"], ceiling: 100 },
    network: { columns: ["sent", "received"], ceiling: 1024 },
    connections: { columns: ["connections"], ceiling: 4 },
    rate: { columns: ["rate"], ceiling: 4 },
    latency: { columns: ["p50", "p95"], ceiling: 4 },
};

export class Cards {
    constructor(root, thresholds) {
        this.thresholds = thresholds;
        this.cards = [...root.querySelectorAll("[data-card]")];
    }

    show(frame, buffer) {
        const values = cardValues(frame, buffer.rates(), this.thresholds);
        for (const card of this.cards) {
            const key = card.dataset.card;
            fill(card, values[key]);
            drawSpark(card, SPARKS[key], buffer);
        }
    }
}

function fill(card, { figures, note, band, missing = false }) {
    const holder = card.querySelector("[data-values]");
    holder.classList.toggle("card__values--pair", figures.length > 1);
    const nodes = sized(holder, figures.length, () => element("p", { class: "figure" }));
    figures.forEach((figure, index) => fillFigure(nodes[index], figure));
    const noteNode = card.querySelector("[data-note]");
    setText(noteNode, note);
    setAttribute(noteNode, "title", note);
    card.dataset.band = band;
    card.toggleAttribute("data-missing", missing);
    const badge = card.querySelector(".band");
    setIcon(badge.firstElementChild, BANDS[band].icon);
    setText(badge.lastElementChild, missing ? "missing" : BANDS[band].text);
}

function fillFigure(node, { mark, text, unit }) {
    const names = ["figure__mark", "figure__number", "figure__unit"];
    const parts = sized(node, names.length, () => element("span", { class: names[node.children.length] }));
    [mark, text, unit].forEach((part, index) => {
        parts[index].className = names[index];
        setText(parts[index], part);
    });
}

function drawSpark(card, { columns, ceiling }, buffer) {
    const [, ...series] = buffer.window(SPARK_SECONDS, columns);
    const highest = Math.max(ceiling, ...series.flat().filter((value) => value !== null));
    card.querySelectorAll(".spark__line").forEach((path, index) => {
        setAttribute(path, "d", sparklinePath(series[index] ?? [], SPARK_WIDTH, SPARK_HEIGHT, highest));
    });
}
