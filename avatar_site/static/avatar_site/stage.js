// The stage: all avatars in the room with their names and speech bubbles, apart from each other, drawn from back to front.

import { bodyOf, bubblePlace, fitting, limitsOf, shareOf } from "./layout.js";
import { Crowd } from "./crowd.js";
import { drawFace } from "./face.js";
import { Likenesses } from "./likeness.js";
import { wrapped } from "./speech.js";

const BUBBLE_FONT = "14px system-ui, sans-serif";
const LINE_HEIGHT = 19;
const GROW_MS = 260;
const GRASP = 1.5;

export class Stage {
    /** `colors` {paper, ink} are functions; `covers()` gives the rectangles of what stands before the stage, in its own pixels. */
    constructor(canvas, { colors, covers, isCalm = () => false }) {
        this.canvas = canvas;
        this.ctx = canvas.getContext("2d");
        Object.assign(this, { colors, covers, isCalm });
        this.crowd = new Crowd();
        this.likenesses = new Likenesses();
        this.isSharp = true;
        this.ownPlace = { x: 0, y: 0 };
        this.size = { radius: 40, named: true };
        new ResizeObserver(() => this.resize()).observe(canvas);
        this.resize();
    }

    resize() {
        this.scale = this.isSharp ? Math.max(1, globalThis.devicePixelRatio || 1) : 1;
        this.width = this.canvas.clientWidth;
        this.height = this.canvas.clientHeight;
        this.canvas.width = Math.round(this.width * this.scale);
        this.canvas.height = Math.round(this.height * this.scale);
        this.ctx.setTransform(this.scale, 0, 0, this.scale, 0, 0);
        this.likenesses.clear();
        this.measureCovers();
    }

    /** To be called when what stands before the stage has another size. */
    measureCovers() {
        this.hidden = this.covers();
    }

    /** Draws at `now` in milliseconds. Returns `{drawn, named}`: how many avatars found room, and whether their names did. */
    draw(own, others, now, level) {
        if (this.isSharp !== level.sharp) {
            this.isSharp = level.sharp;
            this.resize();
        }
        const elapsed = now - (this.drawnAt ?? now);
        this.drawnAt = now;
        const { most, ...size } = fitting(others.length + 1, this, this.hidden);
        const shown = [own, ...others.slice(0, most - 1)].map((actor) => ({ actor, look: actor.lookAt(now) }));
        const wanted = shown.map(({ actor, look }) => ({ id: actor.clientId, x: look.x, y: look.y }));
        const places = this.crowd.settle(wanted, this, size, this.hidden, { held: own.clientId, elapsed });
        shown.forEach((one, index) => Object.assign(one, { place: places[index], radius: size.radius * this.#grown(one.actor, now) }));
        this.ownPlace = places[0];
        this.size = size;
        shown.sort((a, b) => a.place.y - b.place.y);
        this.#paint(shown, own, level);
        return { drawn: shown.length, named: size.named };
    }

    #paint(shown, own, level) {
        const { ctx } = this;
        ctx.clearRect(0, 0, this.width, this.height);
        const { radius: largest, named } = this.size;
        const pixels = Math.ceil(largest * this.scale);
        for (const { look, place, radius } of shown) drawFace(ctx, look, place, radius, level, this.likenesses, pixels);
        const { below, wide } = bodyOf({ radius: largest });
        const colors = { paper: this.colors.paper(), ink: this.colors.ink() };
        for (const { actor, place } of shown) if (named || actor === own) this.likenesses.name(ctx, actor.clientId, { x: place.x, y: place.y + below - 12 }, { wide: wide - 4, isOwn: actor === own, scale: this.scale, colors });
        for (const { look, place, radius } of shown) if (look.text) this.#drawBubble(look.text, place, radius, level);
    }

    /** 0 to 1: a newcomer grows, unless the reader wants no movement that only decorates. */
    #grown(actor, now) {
        actor.seenAt ??= now;
        return this.isCalm() ? 1 : Math.max(0.05, 1 - (1 - Math.min(1, (now - actor.seenAt) / GROW_MS)) ** 3);
    }

    /** A place on the screen as one on the stage. */
    at({ clientX, clientY }) {
        const box = this.canvas.getBoundingClientRect();
        return { x: clientX - box.left, y: clientY - box.top };
    }

    /** The pose's `{x, y}` for a place on the stage. */
    share(place) {
        return shareOf(place, limitsOf(this, bodyOf(this.size)));
    }

    /** Whether a place on the stage is on one's own avatar, or near enough for a finger. */
    isOnOwn({ x, y }) {
        const reach = Math.max(28, this.size.radius * GRASP);
        return Math.abs(x - this.ownPlace.x) < reach && y > this.ownPlace.y - reach && y < this.ownPlace.y + this.size.radius * 2;
    }

    #drawBubble(text, place, radius, level) {
        const { ctx, colors } = this;
        ctx.font = BUBBLE_FONT;
        const lines = wrapped(text, Math.min(260, this.width * 0.75), (part) => ctx.measureText(part).width);
        const width = Math.max(...lines.map((line) => ctx.measureText(line).width)) + 26;
        const height = lines.length * LINE_HEIGHT + 16;
        const { left, top, side } = bubblePlace(place, radius, { width, height }, this, this.hidden);
        ctx.save();
        if (level.shading) Object.assign(ctx, { shadowColor: "rgb(10 20 50 / 22%)", shadowBlur: 14, shadowOffsetY: 4 });
        ctx.fillStyle = colors.paper();
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
        ctx.fillStyle = colors.ink();
        ctx.textAlign = "left";
        ctx.textBaseline = "middle";
        lines.forEach((line, index) => ctx.fillText(line, left + 13, top + 8 + LINE_HEIGHT * (index + 0.5)));
    }
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
