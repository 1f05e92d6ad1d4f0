// Drawing over a stretch of a chart with a finger or a pen; uPlot itself follows the mouse only.

const SHORTEST_PIXELS = 8;

/** Calls `onSelect(start, end)` after a finger was drawn over a stretch sideways; up and down still scrolls the page. */
export function startTouchBrush(plot, onSelect) {
    const { over } = plot;
    let from = null;
    const left = ({ clientX }) => Math.max(0, Math.min(clientX - over.getBoundingClientRect().left, over.clientWidth));
    const draw = (event) => {
        const to = left(event);
        if (Math.abs(to - from) < SHORTEST_PIXELS) return;
        plot.setSelect({ left: Math.min(from, to), width: Math.abs(to - from), top: 0, height: over.clientHeight }, false);
    };
    over.addEventListener("pointerdown", (event) => {
        if (event.pointerType === "mouse" || !event.isPrimary) return;
        from = left(event);
        over.setPointerCapture(event.pointerId);
    });
    over.addEventListener("pointermove", (event) => {
        if (from === null || !event.isPrimary) return;
        plot.setCursor({ left: left(event), top: over.clientHeight / 2 }, true, true);
        draw(event);
    });
    over.addEventListener("pointerup", () => {
        if (from === null) return;
        from = null;
        const { left: start, width } = plot.select;
        if (width > 0) onSelect(plot.posToVal(start, "x"), plot.posToVal(start + width, "x"));
    });
    over.addEventListener("pointercancel", () => {
        from = null;
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    });
}
