// The stage: all avatars in the room with their names and speech bubbles, apart from each other, drawn from back to front.

import { Bubbles } from "./bubbles.js";
import { bodyOf, fitting, limitsOf, shareOf } from "./layout.js";
import { Crowd } from "./crowd.js";
import { drawFace } from "./face.js";
import { Likenesses } from "./likeness.js";

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
        this.bubbles = new Bubbles();
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
        this.bubbles.draw(ctx, shown, own, this, { covers: this.hidden, colors, level });
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
}
