// Pictures that are drawn once and then copied: busts and heads where shading each frame is too dear, and everybody's name.

import { drawBust, drawHead } from "./portrait.js";

const AT_REST = { gaze_x: 0, gaze_y: 0 };
const MOST_KEPT = 400;
const NAME_SIZES = [12, 11, 10];
const NAME_PADDING = 9;

export class Likenesses {
    constructor() {
        this.kept = new Map();
    }

    clear() {
        this.kept.clear();
    }

    /** Draws the bust of a look in a context in which the head's radius is 1. */
    bust(ctx, { hue }, pixels) {
        const picture = this.#picture(`bust:${hue % 360}:${pixels}`, 2.2 * pixels, 1.3 * pixels, (to) => {
            to.scale(pixels, pixels);
            to.translate(1.1, -0.6);
            drawBust(to, { ...AT_REST, hue });
        });
        ctx.drawImage(picture, -1.1, 0.6, 2.2, 1.3);
    }

    /** The head with ears and hair, without what moves in the face. */
    head(ctx, { hue }, pixels) {
        const picture = this.#picture(`head:${hue % 360}:${pixels}`, 2.2 * pixels, 2.4 * pixels, (to) => {
            to.scale(pixels, pixels);
            to.translate(1.1, 1.25);
            drawHead(to, { ...AT_REST, hue });
        });
        ctx.drawImage(picture, -1.1, -1.25, 2.2, 2.4);
    }

    /** The name in a label no wider than `wide`, its centre at a place on the stage. */
    name(ctx, name, { x, y }, { wide, isOwn, scale, colors: { paper, ink } }) {
        const { text, size, font, width } = this.#fitted(ctx, name, (isOwn ? 2 : 1) * wide);
        const height = size + 8;
        const picture = this.#picture(`name:${text}:${font}:${isOwn}:${paper}`, width * scale, height * scale, (to) => {
            to.scale(scale, scale);
            to.fillStyle = isOwn ? ink : paper;
            to.beginPath();
            to.roundRect(0, 0, width, height, height / 2);
            to.fill();
            to.fillStyle = isOwn ? paper : ink;
            to.font = font;
            to.textAlign = "center";
            to.textBaseline = "middle";
            to.fillText(text, width / 2, height / 2 + 0.5);
        });
        ctx.drawImage(picture, x - width / 2, y - height / 2, width, height);
    }

    /** The largest of the sizes in which the whole name is no wider than `most`; in the smallest it is cut if need be. */
    #fitted(ctx, name, most) {
        const key = `fitted:${name}:${Math.round(most)}`;
        if (this.kept.has(key)) return this.kept.get(key);
        const fitted = NAME_SIZES.map((size) => {
            const font = `600 ${size}px system-ui, sans-serif`;
            ctx.font = font;
            const text = shortened(name, most - NAME_PADDING, (part) => ctx.measureText(part).width);
            return { text, size, font, width: Math.ceil(ctx.measureText(text).width) + NAME_PADDING };
        });
        return this.#keep(key, fitted.find(({ text }) => text === name) ?? fitted.at(-1));
    }

    #picture(key, width, height, draw) {
        if (this.kept.has(key)) return this.kept.get(key);
        const picture = document.createElement("canvas");
        picture.width = Math.max(1, Math.ceil(width));
        picture.height = Math.max(1, Math.ceil(height));
        draw(picture.getContext("2d"));
        return this.#keep(key, picture);
    }

    #keep(key, value) {
        if (this.kept.size >= MOST_KEPT) this.kept.clear();
        this.kept.set(key, value);
        return value;
    }
}

/** The text, or as much of its beginning as is no wider than `most`, with "…". */
export function shortened(text, most, measure) {
    if (measure(text) <= most) return text;
    const characters = [...text];
    while (characters.length > 1 && measure(`${characters.join("")}…`) > most) characters.pop();
    return `${characters.join("")}…`;
}
