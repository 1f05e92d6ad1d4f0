// Where a chart's lines are within its image, in CSS pixels. Pure.

/**
 * uPlot knows it. To ask the page instead makes the browser lay the page out at once, and charts that write texts and ask in
 * turn make it do so once for each chart and second.
 */
export function placeOf({ bbox: { left, width } }, ratio = devicePixelRatio) {
    return { left: left / ratio, width: width / ratio };
}
