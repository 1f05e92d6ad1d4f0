// Which updates of a chart are drawn. An hour of seconds on 330 pixels moves by a tenth of a pixel a second, which nobody sees:
// charts of such a stretch are drawn every second or third time, and take turns. Pure.

const UNSEEN_PIXELS = 0.25;
const MOST_UPDATES = 3;

export class DrawingTurns {
    /** Charts of different `place` are drawn at different updates. */
    constructor(place) {
        Object.assign(this, { updates: place, last: null });
    }

    /**
     * Whether to draw the stretch `{min, max}`, seconds, on so many pixels. What is not the next update of the same stretch is
     * always drawn: another range, or the same moment again.
     */
    isDue({ min, max }, pixels) {
        const { last } = this;
        this.last = { min, max };
        this.updates += 1;
        const moved = last === null ? 0 : max - last.max;
        if (!(moved > 0) || Math.abs(max - min - (last.max - last.min)) > moved) return true;
        const updates = Math.min(MOST_UPDATES, Math.floor((UNSEEN_PIXELS * (max - min)) / pixels / moved));
        return updates <= 1 || this.updates % updates === 0;
    }
}
