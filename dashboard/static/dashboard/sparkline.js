// The line of the last minute in a card: an SVG path. Pure.

/** A path that breaks at nulls, in a box of `width` by `height` whose bottom is 0 or the lowest negative value. */
export function sparklinePath(values, width, height, ceiling = 0) {
    const known = values.filter((value) => typeof value === "number");
    const top = Math.max(ceiling, ...known, 0) || 1;
    const bottom = Math.min(0, ...known);
    const step = values.length > 1 ? width / (values.length - 1) : 0;
    const parts = [];
    let drawing = false;
    values.forEach((value, index) => {
        if (typeof value !== "number") {
            drawing = false;
            return;
        }
        const x = round(index * step);
        const y = round(height - ((value - bottom) / (top - bottom)) * height);
        parts.push(`${drawing ? "L" : "M"}${x} ${y}`);
        drawing = true;
    });
    return parts.join("");
}

function round(value) {
    return Math.round(value * 100) / 100;
}
