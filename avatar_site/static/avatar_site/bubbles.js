// What avatars say, in bubbles that cover neither each other nor what stands before the stage.

import { bubblePlace } from "./layout.js";
import { wrapped } from "./speech.js";

const FONT = "14px system-ui, sans-serif";
const LINE_HEIGHT = 19;
const APART = 4;
const WIDEST = 260;
const NARROWEST = 150;
const SHARE_OF_STAGE = 0.45;

export class Bubbles {
    constructor() {
        this.sides = new WeakMap();
    }

    /** Draws what `shown` [{actor, place, radius}] say on a stage of `{width, height}`. Those that find no room stand in the list of what was said. */
    draw(ctx, shown, own, stage, { covers, colors, level }) {
        ctx.font = FONT;
        const measure = (text) => ctx.measureText(text).width;
        const speaking = shown.filter(({ actor }) => actor.speech).map((one) => ({ ...one, ...sizeOf(one.actor.speech.text, stage, measure), lastSide: this.sides.get(one.actor.speech) }));
        for (const bubble of arranged(speaking, own, stage, covers)) {
            this.sides.set(bubble.actor.speech, bubble.side);
            paint(ctx, bubble, colors, level);
        }
    }
}

/** `{lines, width, height}` of a text's bubble. */
export function sizeOf(text, stage, measure) {
    const lines = wrapped(text, Math.min(WIDEST, Math.max(NARROWEST, stage.width * SHARE_OF_STAGE)), measure);
    return { lines, width: Math.max(...lines.map(measure)) + 26, height: lines.length * LINE_HEIGHT + 16 };
}

/** The bubbles that find room, with `{left, top, side}`: one's own first, then the newest; that one always does. */
export function arranged(speaking, own, stage, covers) {
    const inOrder = speaking.toSorted((a, b) => (b.actor === own) - (a.actor === own) || b.actor.speech.start - a.actor.speech.start);
    const taken = [...covers];
    const placed = [];
    for (const bubble of inOrder) {
        const { left, top, side, isFree } = bubblePlace(bubble.place, bubble.radius, bubble, stage, taken, bubble.lastSide);
        if (!isFree && placed.length > 0) continue;
        taken.push({ left: left - APART, top: top - APART, right: left + bubble.width + APART, bottom: top + bubble.height + APART });
        placed.push({ ...bubble, left, top, side });
    }
    return placed.reverse();
}

function paint(ctx, { lines, left, top, width, height, side, place }, { paper, ink }, level) {
    ctx.save();
    if (level.shading) Object.assign(ctx, { shadowColor: "rgb(10 20 50 / 22%)", shadowBlur: 14, shadowOffsetY: 4 });
    ctx.fillStyle = paper;
    ctx.beginPath();
    ctx.roundRect(left, top, width, height, 12);
    ctx.fill();
    drawTail(ctx, { left, top, width, height }, place, side);
    ctx.restore();
    if (!level.shading) {
        ctx.strokeStyle = "rgb(120 130 150 / 60%)";
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.roundRect(left, top, width, height, 12);
        ctx.stroke();
    }
    Object.assign(ctx, { font: FONT, fillStyle: ink, textAlign: "left", textBaseline: "middle" });
    lines.forEach((line, index) => ctx.fillText(line, left + 13, top + 8 + LINE_HEIGHT * (index + 0.5)));
}

/** The point of a bubble towards the head that speaks. */
function drawTail(ctx, { left, top, width, height }, head, side) {
    const x = Math.min(left + width - 16, Math.max(left + 16, head.x));
    const y = Math.min(top + height - 14, Math.max(top + 14, head.y));
    const points = {
        above: [[x - 8, top + height - 1], [x + 8, top + height - 1], [x, top + height + 9]],
        below: [[x - 8, top + 1], [x + 8, top + 1], [x, top - 9]],
        right: [[left + 1, y - 8], [left + 1, y + 8], [left - 9, y]],
        left: [[left + width - 1, y - 8], [left + width - 1, y + 8], [left + width + 9, y]],
    }[side];
    ctx.beginPath();
    for (const [across, down] of points) ctx.lineTo(across, down);
    ctx.fill();
}
