// Marked moments: deployments, clocks that were set, nodes of other versions. Pure.

export class Markers {
    constructor() {
        this.all = [];
    }

    /** Replaces the markers by an answer of the API. */
    take({ markers }) {
        this.all = markers.map(({ at, text, kind }) => ({ at: Date.parse(at) / 1000, text, kind }));
    }

    /** `[{at, kind}]` as charts draw them, up to the shown moment. */
    until(moment) {
        return this.all.filter(({ at }) => at <= moment);
    }

    /** `[{x, width, kind, text}]` as shares of the range from `start` to `end`. */
    marks(start, end) {
        return this.all
            .filter(({ at }) => at >= start && at <= end)
            .map(({ at, kind, text }) => ({ x: (at - start) / (end - start), width: 0, kind, text }));
    }
}
