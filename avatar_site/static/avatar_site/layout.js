// How much room an avatar takes on the stage, and how large avatars can be so that all of them find room. Pure.

/** Of a head's radius: how wide an avatar is, and how far it reaches above and below the head's centre. */
const WIDE = 2.2;
const ABOVE = 1.25;
const BELOW = 1.9;

const NAME_HEIGHT = 24;
const NAME_WIDTH = 58;
const MARGIN = 4;

/** Ellipses would need less, rectangles more: what is known to fit in practice (tests/js/avatar_site/crowd.test.js). */
const FILLED = 0.6;
const ALONE = 0.17;
const SMALLEST = 12;
const SMALLEST_NAMED = 18;
const MOST_DRAWN = 120;

/** A gap that is not wider than so many bodies holds whoever is pushed into it. */
const STUCK = 2.2;

/** `{wide, above, below}` in pixels of an avatar whose head has this radius; `named` with its name below it. */
export function bodyOf({ radius, named = true }) {
    return { wide: Math.max(named ? NAME_WIDTH : 0, WIDE * radius), above: ABOVE * radius, below: BELOW * radius + (named ? NAME_HEIGHT : 0) };
}

/**
 * `{radius, named, most}` for a number of people on a stage of `{width, height}`, of which `covers` {left, top, right, bottom} are hidden:
 * the head's radius, whether there is room for names, and for how many avatars.
 */
export function fitting(people, { width, height }, covers) {
    const free = Math.max(0, width * height - covers.reduce((sum, cover) => sum + areaOf(cover), 0)) * FILLED;
    const holds = (size) => Math.floor(free / spaceOf(bodyOf(size)));
    const alone = Math.max(SMALLEST, Math.min(width, height) * ALONE);
    const largest = (named, smallest) => {
        let radius = alone;
        while (radius > smallest && holds({ radius, named }) < people) radius = Math.max(smallest, radius * 0.97);
        return { radius, named, most: Math.max(1, Math.min(MOST_DRAWN, holds({ radius, named }))) };
    };
    const withNames = largest(true, Math.min(alone, SMALLEST_NAMED));
    return withNames.most >= Math.min(people, MOST_DRAWN) ? withNames : largest(false, SMALLEST);
}

/** Where a head's centre may be: `{left, top, right, bottom}`. */
export function limitsOf({ width, height }, body) {
    const left = Math.min(width / 2, body.wide / 2 + MARGIN);
    const top = Math.min(height / 2, body.above + MARGIN);
    return { left, right: Math.max(left, width - left), top, bottom: Math.max(top, height - body.below - MARGIN) };
}

/** The place of a pose's `{x, y}`, 0 to 1 of the stage. */
export function placeOf({ x, y }, { left, top, right, bottom }) {
    return { x: left + x * (right - left), y: top + y * (bottom - top) };
}

/** The other way round: 0 to 1 for a place on the stage, and beyond for one outside. */
export function shareOf({ x, y }, { left, top, right, bottom }) {
    return { x: (x - left) / Math.max(1, right - left), y: (y - top) / Math.max(1, bottom - top) };
}

/** Covers together with the gaps between them and the stage's edges in which a body would be stuck. */
export function withGaps(covers, { width, height }, { wide, above, below }) {
    const across = wide * STUCK;
    const down = (above + below) * STUCK;
    return covers.map(({ left, top, right, bottom }) => ({
        left: left < across ? 0 : left,
        top: top < down ? 0 : top,
        right: width - right < across ? width : right,
        bottom: height - bottom < down ? height : bottom,
    }));
}

/** The nearest place where a body does not stand behind any of the covers. */
export function clearOf(place, body, covers, limits) {
    let { x, y } = place;
    for (const cover of covers) {
        const around = { left: cover.left - body.wide / 2, right: cover.right + body.wide / 2, top: cover.top - body.below, bottom: cover.bottom + body.above };
        if (x <= around.left || x >= around.right || y <= around.top || y >= around.bottom) continue;
        const ways = [
            { x: around.left, y, far: x - around.left },
            { x: around.right, y, far: around.right - x },
            { x, y: around.top, far: y - around.top },
            { x, y: around.bottom, far: around.bottom - y },
        ].filter((way) => way.x >= limits.left && way.x <= limits.right && way.y >= limits.top && way.y <= limits.bottom);
        if (ways.length > 0) ({ x, y } = ways.reduce((best, way) => (way.far < best.far ? way : best)));
    }
    return { x, y };
}

/**
 * Where a speech bubble of `{width, height}` is for a head: above it, else beside or below it, clear of the covers, and on the stage;
 * at `lastSide` as long as that is free. `isFree` is false if no place is.
 */
export function bubblePlace(head, radius, { width, height }, stage, covers, lastSide = "above") {
    const gap = 10;
    const level = head.y - height / 2 - radius * 0.4;
    const upright = (side, top) => [0.5, 0.8, 0.2].map((share) => ({ left: within(head.x - width * share, width, stage.width, true), top, side }));
    const ways = [
        ...upright("above", head.y - radius * ABOVE - height - gap),
        { left: head.x + radius * 1.1 + gap, top: within(level, height, stage.height, true), side: "right" },
        { left: head.x - radius * 1.1 - gap - width, top: within(level, height, stage.height, true), side: "left" },
        ...upright("below", head.y + radius * 1.15 + gap),
    ].sort((a, b) => (b.side === lastSide) - (a.side === lastSide));
    const free = ways.find((way) => isFree(way, width, height, stage, covers));
    if (free) return { ...free, isFree: true };
    const [first] = ways;
    return { ...first, left: within(first.left, width, stage.width, true), top: within(first.top, height, stage.height, true), isFree: false };
}

const EDGE = 6;

function within(start, length, whole, mayMove) {
    return mayMove ? Math.max(EDGE, Math.min(whole - length - EDGE, start)) : start;
}

function isFree({ left, top }, width, height, stage, covers) {
    if (left < 0 || top < 0 || left + width > stage.width || top + height > stage.height) return false;
    return !covers.some((cover) => left < cover.right && left + width > cover.left && top < cover.bottom && top + height > cover.top);
}

function spaceOf({ wide, above, below }) {
    return wide * (above + below);
}

function areaOf({ left, top, right, bottom }) {
    return Math.max(0, right - left) * Math.max(0, bottom - top);
}
