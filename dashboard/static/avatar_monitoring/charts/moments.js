// What lies near a moment of a chart. Pure.

/** The alerts within reach of a moment. */
export function spansAt(spans, moment, reach) {
    return spans.filter((span) => moment >= span.start - reach && moment <= span.end + reach);
}

/** The markers within reach of a moment, nearest first. */
export function marksAt(marks, moment, reach) {
    const distance = ({ at }) => Math.abs(at - moment);
    return marks.filter((mark) => distance(mark) <= reach).sort((a, b) => distance(a) - distance(b));
}
