// Draws less when frames come late, and more again once they have been in time for a while. Pure: times are passed in.

/** From the dearest to the cheapest. `skips`: of so many frames one is drawn. */
export const LEVELS = [
    { name: "full", shading: true, details: true, sharp: true, skips: 1 },
    { name: "plain", shading: false, details: true, sharp: false, skips: 1 },
    { name: "lean", shading: false, details: false, sharp: false, skips: 1 },
    { name: "slow", shading: false, details: false, sharp: false, skips: 2 },
];

const WANTED_MS = 1000 / 60;
const SLOWEST_DISPLAY_MS = 35;
const LATE = 1.5;
const DEAR_MS = 10;
const PAUSE_MS = 1000;

const WINDOW_MS = 1500;
const FEWEST = 8;
const TOO_MANY_LATE = 0.25;
const FEW_LATE = 0.05;

const CALM_MS = 8000;
const LONGEST_CALM_MS = 120_000;
const RELAPSE_MS = 20_000;

/**
 * A quarter of late frames within 1.5 s: one level down. Hardly any for 8 s: one level up; if that was too early, the next attempt
 * waits twice as long. Between the two shares nothing changes.
 */
export class DrawingLevel {
    constructor() {
        this.index = 0;
        this.calm = CALM_MS;
        this.roseAt = null;
        this.display = null;
        this.#begin(null);
    }

    get level() {
        return LEVELS[this.index];
    }

    /** Takes a frame that began at `now` and took `cost` milliseconds to draw. Returns whether the level changed. */
    frame(now, cost = 0) {
        const elapsed = this.last === null ? null : now - this.last;
        this.last = now;
        if (elapsed === null || elapsed <= 0) return false;
        // A hidden tab is not drawn; that says nothing about this page.
        if (elapsed >= PAUSE_MS) {
            this.#begin(now);
            return false;
        }
        this.spans.push(elapsed);
        const expected = Math.max(WANTED_MS, this.display ?? 0);
        if (elapsed > expected * LATE || cost > DEAR_MS) this.late += 1;
        return now - this.since >= WINDOW_MS && this.spans.length >= FEWEST ? this.#judge(now) : false;
    }

    #judge(now) {
        const share = this.late / this.spans.length;
        if (this.index === LEVELS.length - 1) this.#learn();
        const { calmSince } = this;
        this.#begin(now);
        if (share > TOO_MANY_LATE) return this.#down(now);
        this.calmSince = share <= FEW_LATE ? (calmSince ?? now) : null;
        return this.calmSince !== null && now - this.calmSince >= this.calm ? this.#up(now) : false;
    }

    /** If the cheapest drawing is no faster, the display is slow and not the page: the fastest quarter of the frames tells its period. */
    #learn() {
        const typical = this.spans.sort((a, b) => a - b)[Math.floor(this.spans.length / 4)];
        if (typical <= SLOWEST_DISPLAY_MS) this.display = typical;
    }

    #down(now) {
        if (this.index === LEVELS.length - 1) return false;
        const isRelapse = this.roseAt !== null && now - this.roseAt < RELAPSE_MS;
        this.calm = isRelapse ? Math.min(LONGEST_CALM_MS, this.calm * 2) : CALM_MS;
        this.index += 1;
        return true;
    }

    #up(now) {
        this.calmSince = null;
        if (this.index === 0) return false;
        this.roseAt = now;
        this.index -= 1;
        return true;
    }

    #begin(now) {
        this.last = this.since = now;
        this.spans = [];
        this.late = 0;
        this.calmSince = null;
    }
}
