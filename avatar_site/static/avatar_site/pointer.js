// Mouse, pen, finger and arrow keys move one's own avatar and its gaze.

import { clamp } from "./pose.js";

const KEY_STEP = 0.03;
const EASE_MS = 80;
const REACH_PIXELS = 300;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pointer {
    /** `onUse()` is called when the reader moves the avatar for the first time. */
    constructor(stage, start, onUse = () => {}) {
        const { canvas } = stage;
        Object.assign(this, { stage, canvas, onUse });
        this.place = { x: start.x, y: start.y };
        this.aim = { x: 0, y: 0 };
        this.gaze = { x: 0, y: 0 };
        this.held = null;
        addEventListener("pointermove", (event) => this.#moved(event));
        canvas.addEventListener("pointerdown", (event) => this.#pressed(event));
        for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { this.held = null; });
        canvas.addEventListener("keydown", (event) => this.#key(event));
        // A finger on the avatar leads it; beside it, it scrolls the page as everywhere.
        canvas.addEventListener("touchstart", (event) => {
            if (event.cancelable && stage.isOnOwn(stage.at(event.touches[0]))) event.preventDefault();
        }, { passive: false });
    }

    /** The pose after `elapsed` milliseconds: the gaze follows its target smoothly. */
    follow(elapsed) {
        const share = 1 - Math.exp(-elapsed / EASE_MS);
        this.gaze.x += (this.aim.x - this.gaze.x) * share;
        this.gaze.y += (this.aim.y - this.gaze.y) * share;
        return { ...this.place, gaze_x: this.gaze.x, gaze_y: this.gaze.y };
    }

    #pressed(event) {
        const at = this.stage.at(event);
        // A mouse may begin anywhere, because it does not scroll the page by this.
        if (event.pointerType !== "touch" || this.stage.isOnOwn(at)) {
            this.canvas.setPointerCapture(event.pointerId);
            const { ownPlace } = this.stage;
            this.held = { x: ownPlace.x - at.x, y: ownPlace.y - at.y };
        }
        this.#moved(event);
    }

    #moved(event) {
        const at = this.stage.at(event);
        if (this.held) {
            const { x, y } = this.stage.share({ x: at.x + this.held.x, y: at.y + this.held.y });
            this.#stand(x, y);
        }
        const { ownPlace } = this.stage;
        this.aim.x = clamp((at.x - ownPlace.x) / REACH_PIXELS, -1, 1);
        this.aim.y = clamp((at.y - ownPlace.y) / REACH_PIXELS, -1, 1);
    }

    #key(event) {
        const step = KEYS[event.key];
        if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        const { x, y } = this.stage.share(this.stage.ownPlace);
        this.#stand(x + step[0] * KEY_STEP, y + step[1] * KEY_STEP);
        [this.aim.x, this.aim.y] = step;
    }

    #stand(x, y) {
        this.place = { x: clamp(x, 0, 1), y: clamp(y, 0, 1) };
        this.onUse();
    }
}
