// Keeps the avatars on the stage apart. Pure: the same calls give the same places.

import { bodyOf, clearOf, limitsOf, placeOf, withGaps } from "./layout.js";
import { clamp } from "./pose.js";

const ROUNDS = 8;
const MOST_FRAMES = 4;
const RETURN_PIXELS = 1.5;
const RETURN_SHARE = 0.1;
const FRAME_MS = 1000 / 60;

/**
 * Each avatar stands where its pose says, moved as little as needed. How far it was moved is kept from one frame to the next and shrinks
 * slowly, so that a crowd neither trembles nor jumps. Each round pushes pairs that are too near apart ("position based dynamics":
 * https://matthias-research.github.io/pages/publications/posBasedDyn.pdf).
 */
export class Crowd {
    constructor() {
        this.moved = new Map();
    }

    /**
     * `wanted` [{id, x, y}] in 0 to 1 of the stage; the one whose id is `held` stays where it is led to, and the others make way;
     * `size` is that of `fitting`.
     * Returns the heads' centres in pixels, in the same order.
     */
    settle(wanted, stage, size, covers, { held = null, elapsed = FRAME_MS } = {}) {
        const body = bodyOf(size);
        const limits = limitsOf(stage, body);
        const closed = withGaps(covers, stage, body);
        const homes = wanted.map((one) => placeOf(one, limits));
        const places = wanted.map(({ id }, index) => this.#start(id, homes[index], elapsed));
        const keep = (place) => Object.assign(place, kept(place, body, closed, limits));
        places.forEach(keep);
        const fixed = wanted.findIndex(({ id }) => id === held);
        // A frame that comes late makes up for those that it stands for.
        const rounds = ROUNDS * clamp(Math.round(elapsed / FRAME_MS), 1, MOST_FRAMES);
        for (let round = 0; round < rounds; round += 1) {
            const pushed = separate(places, body, fixed);
            if (!pushed) break;
            places.forEach((place, index) => { if (index !== fixed) keep(place); });
        }
        this.moved = new Map(wanted.map(({ id }, index) => [id, { x: places[index].x - homes[index].x, y: places[index].y - homes[index].y }]));
        if (fixed >= 0) this.moved.delete(held);
        return places;
    }

    #start(id, home, elapsed) {
        const { x, y } = this.moved.get(id) ?? { x: 0, y: 0 };
        const far = Math.hypot(x, y);
        const back = Math.min(far * RETURN_SHARE, RETURN_PIXELS) * Math.min(MOST_FRAMES, elapsed / FRAME_MS);
        const share = far > 0 ? 1 - Math.min(1, back / far) : 0;
        return { x: home.x + x * share, y: home.y + y * share };
    }
}

function kept(place, body, covers, limits) {
    const inside = { x: clamp(place.x, limits.left, limits.right), y: clamp(place.y, limits.top, limits.bottom) };
    return clearOf(inside, body, covers, limits);
}

/** One round. Bodies are nearly rectangles, so distance is measured by the fourth power. Returns whether anybody was pushed. */
function separate(places, { wide, above, below }, fixed) {
    const tall = above + below;
    let pushed = false;
    for (let i = 0; i < places.length; i += 1) {
        for (let j = i + 1; j < places.length; j += 1) {
            let across = (places[j].x - places[i].x) / wide;
            let down = (places[j].y - places[i].y) / tall;
            if (Math.abs(across) >= 1 || Math.abs(down) >= 1) continue;
            const near = (across ** 4 + down ** 4) ** 0.25;
            if (near >= 0.999) continue;
            if (near < 0.02) [across, down] = apart(i, j);
            const much = near < 0.02 ? 1 : 1 / near - 1;
            const [ofFirst, ofSecond] = i === fixed ? [0, 1] : j === fixed ? [1, 0] : [0.5, 0.5];
            places[i].x -= across * much * wide * ofFirst;
            places[i].y -= down * much * tall * ofFirst;
            places[j].x += across * much * wide * ofSecond;
            places[j].y += down * much * tall * ofSecond;
            pushed = true;
        }
    }
    return pushed;
}

/** The direction for two that stand in the same place: another one for each pair, by the golden angle. */
function apart(i, j) {
    const angle = (i * 31 + j) * 2.399963;
    return [Math.cos(angle), Math.sin(angle)];
}
