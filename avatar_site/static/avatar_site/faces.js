// The buttons for one's own expression, each with one's own face making it.

import { drawFace } from "./face.js";
import { EXPRESSIONS } from "./expression.js";
import { onKey } from "../avatar_monitoring/lib/keyboard.js";

const LEVEL = { shading: true, details: true };

/** `onChoose(name)` is called on a click, a tap, and the keys 1, 2, 3 …. */
export function startFaces(buttons, onChoose) {
    for (const [index, button] of buttons.entries()) {
        const choose = () => {
            showFace(buttons, button.dataset.expression);
            onChoose(button.dataset.expression);
        };
        button.addEventListener("click", choose);
        onKey(String(index + 1), choose);
    }
}

export function showFace(buttons, name) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.expression === name));
}

/** Draws the buttons' faces in the colours of an avatar. */
export function drawFaces(buttons, hue) {
    for (const button of buttons) {
        const canvas = button.querySelector("canvas");
        const ctx = canvas.getContext("2d");
        const { width, height } = canvas;
        ctx.clearRect(0, 0, width, height);
        const look = { gaze_x: 0, gaze_y: 0, mouth: 0, lid: 0, hue, mood: EXPRESSIONS[button.dataset.expression] };
        drawFace(ctx, look, { x: width / 2, y: height * 0.53 }, width * 0.43, LEVEL, null, 0);
    }
}
