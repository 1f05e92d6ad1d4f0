// The stage: all avatars in the room with their names and speech bubbles, drawn from back to front, one's own last.

import { drawFace } from "./face.js";
import { clamp } from "./pose.js";
import { wrapped } from "./speech.js";

const CROWD = 4;
const NAME_FONT = "600 12px system-ui, sans-serif";
const BUBBLE_FONT = "14px system-ui, sans-serif";
const LINE_HEIGHT = 19;
const HEAD_AND_BUST = 1.9;
const FOOT_PIXELS = 84;

export class Stage {
    constructor(canvas, colors) {
        this.canvas = canvas;
        this.ctx = canvas.getContext("2d");
        this.colors = colors;
        new ResizeObserver(() => this.#resize()).observe(canvas);
        this.#resize();
    }

    #resize() {
        const scale = globalThis.devicePixelRatio || 1;
        this.width = this.canvas.clientWidth;
        this.height = this.canvas.clientHeight;
        this.canvas.width = Math.round(this.width * scale);
        this.canvas.height = Math.round(this.height * scale);
        this.ctx.setTransform(scale, 0, 0, scale, 0, 0);
    }

    /** A head's radius in pixels: smaller in a crowd, but never too small to see. */
    radius(people) {
        const alone = Math.min(this.width, this.height) * 0.17;
        return Math.max(20, alone / Math.sqrt(Math.max(1, people / CROWD)));
    }

    draw(own, others, now) {
        this.ctx.clearRect(0, 0, this.width, this.height);
        const radius = this.radius(others.length + 1);
        const looks = others.map((actor) => ({ actor, look: actor.lookAt(now) }));
        looks.sort((a, b) => a.look.y - b.look.y);
        looks.push({ actor: own, look: own.lookAt(now) });
        for (const { actor, look } of looks) this.#drawActor(actor, look, radius, actor === own);
        for (const { look } of looks) if (look.text) this.#drawBubble(look, radius);
    }

    /** The head's centre, moved inwards if bust, name and text field would not fit. */
    #place(look, radius) {
        const x = clamp(look.x * this.width, radius, this.width - radius);
        const highest = radius * 1.2;
        const lowest = Math.max(highest, this.height - radius * HEAD_AND_BUST - FOOT_PIXELS);
        return { x, y: clamp(look.y * this.height, highest, lowest) };
    }

    #drawActor(actor, look, radius, isOwn) {
        const { x, y } = this.#place(look, radius);
        drawFace(this.ctx, look, x, y, radius);
        this.#drawName(isOwn ? `${actor.clientId} (you)` : actor.clientId, x, y + radius * HEAD_AND_BUST + 6);
    }

    #drawName(name, x, y) {
        const { ctx, colors } = this;
        ctx.font = NAME_FONT;
        const width = ctx.measureText(name).width + 16;
        ctx.fillStyle = colors.paper();
        ctx.beginPath();
        ctx.roundRect(x - width / 2, y - 10, width, 20, 10);
        ctx.fill();
        ctx.fillStyle = colors.ink();
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.fillText(name, x, y + 0.5);
    }

    #drawBubble(look, radius) {
        const { ctx, colors } = this;
        ctx.font = BUBBLE_FONT;
        const lines = wrapped(look.text, Math.min(240, this.width * 0.6), (text) => ctx.measureText(text).width);
        const width = Math.max(...lines.map((line) => ctx.measureText(line).width)) + 26;
        const height = lines.length * LINE_HEIGHT + 16;
        const at = this.#place(look, radius);
        const left = Math.min(this.width - width - 6, Math.max(6, at.x - width / 2));
        const top = Math.max(6, at.y - radius * 1.25 - height - 8);
        ctx.save();
        ctx.shadowColor = "rgb(10 20 50 / 22%)";
        ctx.shadowBlur = 14;
        ctx.shadowOffsetY = 4;
        ctx.fillStyle = colors.paper();
        ctx.beginPath();
        ctx.roundRect(left, top, width, height, 12);
        ctx.moveTo(at.x - 8, top + height - 1);
        ctx.lineTo(at.x + 8, top + height - 1);
        ctx.lineTo(at.x, top + height + 9);
        ctx.fill();
        ctx.restore();
        ctx.fillStyle = colors.ink();
        ctx.textAlign = "left";
        ctx.textBaseline = "middle";
        lines.forEach((line, index) => ctx.fillText(line, left + 13, top + 8 + LINE_HEIGHT * (index + 0.5)));
    }
}
