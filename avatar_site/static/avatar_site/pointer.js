// Mouse, pen, finger and arrow keys move one's own avatar and its gaze.

import { clamp } from "./pose.js";

const KEY_STEP = 0.03;
const EASE_MS = 80;
const REACH = 0.38;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const EDGES = { x: [0.06, 0.94], y: [0.16, 0.72] };

export class Pointer {
    constructor(canvas, start) {
        this.canvas = canvas;
        this.place = { x: start.x, y: start.y };
        this.aim = { x: 0, y: 0 };
        this.gaze = { x: 0, y: 0 };
        this.held = null;
        addEventListener("pointermove", (event) => this.#moved(event));
        canvas.addEventListener("pointerdown", (event) => this.#pressed(event));
        for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { this.held = null; });
        canvas.addEventListener("keydown", (event) => this.#key(event));
    }

    /** The pose after `elapsed` milliseconds: the gaze follows its target smoothly. */
    follow(elapsed) {
        const share = 1 - Math.exp(-elapsed / EASE_MS);
        this.gaze.x += (this.aim.x - this.gaze.x) * share;
        this.gaze.y += (this.aim.y - this.gaze.y) * share;
        return { ...this.place, gaze_x: this.gaze.x, gaze_y: this.gaze.y };
    }

    #pressed(event) {
        const at = this.#share(event);
        this.canvas.setPointerCapture(event.pointerId);
        this.held = { x: this.place.x - at.x, y: this.place.y - at.y };
        this.#moved(event);
    }

    #moved(event) {
        const at = this.#share(event);
        if (this.held) this.#stand(at.x + this.held.x, at.y + this.held.y);
        this.aim.x = clamp((at.x - this.place.x) / REACH, -1, 1);
        this.aim.y = clamp((at.y - this.place.y) / REACH, -1, 1);
    }

    #key(event) {
        const step = KEYS[event.key];
        if (!step) return;
        event.preventDefault();
        this.#stand(this.place.x + step[0] * KEY_STEP, this.place.y + step[1] * KEY_STEP);
        [this.aim.x, this.aim.y] = step;
    }

    #stand(x, y) {
        this.place = { x: clamp(x, ...EDGES.x), y: clamp(y, ...EDGES.y) };
    }

    #share(event) {
        const box = this.canvas.getBoundingClientRect();
        return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    }
}
