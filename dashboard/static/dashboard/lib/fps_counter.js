// Measures how smoothly a page draws. No DOM: it runs in any animation loop, in a worker and in a test.

const UPDATE_EVERY_MS = 500;
const KEPT_FRAMES = 600;
const LONG_FRAME_MS = 50;
const HIDDEN_PAUSE_MS = 1000;

export class FPSCounter {
    constructor() {
        this.frameCount = 0;
        this.fps = 60;
        this.frameTime = 16.67;
        this.longFrames = 0;
        this.hidden = false;
        this.isMeasured = false;
        this.recent = [];
        this.last = null;
        this.windowStart = null;
        this.windowFrames = 0;
    }

    /** One drawn frame at `now`, in milliseconds of a clock that never goes back. */
    recordFrame(now = performance.now()) {
        this.frameCount += 1;
        const elapsed = this.last === null ? null : now - this.last;
        this.last = now;
        // Browsers do not draw hidden tabs: such a pause says nothing about how fast this page is.
        if (elapsed === null || elapsed >= HIDDEN_PAUSE_MS) {
            this.windowStart = now;
            this.windowFrames = 0;
            return;
        }
        this.recent.push(elapsed);
        if (this.recent.length > KEPT_FRAMES) this.recent.shift();
        if (elapsed > LONG_FRAME_MS) this.longFrames += 1;
        this.windowFrames += 1;
        this.#update(now);
    }

    #update(now) {
        const span = now - this.windowStart;
        if (span < UPDATE_EVERY_MS) return;
        this.isMeasured = true;
        this.fps = (this.windowFrames * 1000) / span;
        this.frameTime = span / this.windowFrames;
        this.windowStart = now;
        this.windowFrames = 0;
    }

    getFPS() {
        return this.fps;
    }

    /** The frame rate that the slowest hundredth of the recent frames had; the plain one before there are any. */
    get lowFPS() {
        if (this.recent.length === 0) return this.fps;
        const slowestFirst = [...this.recent].sort((a, b) => b - a);
        const slowest = slowestFirst.slice(0, Math.max(1, Math.floor(slowestFirst.length / 100)));
        const average = slowest.reduce((sum, time) => sum + time, 0) / slowest.length;
        return average > 0 ? 1000 / average : this.fps;
    }

    /** Tells that the tab was hidden or shown; the frame after a hidden time starts anew. */
    setHidden(hidden) {
        this.hidden = hidden;
        this.last = null;
    }

    /** Until the first half second was drawn, `fps` is what is hoped for and not what was measured. */
    get hasReport() {
        return this.isMeasured || this.hidden;
    }

    /** What the avatar protocol's `telemetry` carries; long frames are counted since the last report. */
    report() {
        const report = {
            fps: round(this.fps),
            frame_time_ms: round(this.frameTime),
            low_fps: round(this.lowFPS),
            long_frames: this.longFrames,
            hidden: this.hidden,
        };
        this.longFrames = 0;
        return report;
    }
}

function round(value) {
    return Math.round(value * 100) / 100;
}
