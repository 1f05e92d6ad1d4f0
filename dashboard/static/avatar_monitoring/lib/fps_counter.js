// Measures how smoothly a page draws. It needs no DOM, so it runs in any animation loop, in a worker and in a test.

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

    /** Records a drawn frame at `now`, in milliseconds of a monotonic clock. */
    recordFrame(now = performance.now()) {
        this.frameCount += 1;
        const elapsed = this.last === null ? null : now - this.last;
        this.last = now;
        // Browsers do not draw hidden tabs, so a long pause says nothing about the speed of this page.
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

    /** The frame rate of the slowest hundredth of the recent frames; `fps` until there are any. */
    get lowFPS() {
        if (this.recent.length === 0) return this.fps;
        const slowestFirst = [...this.recent].sort((a, b) => b - a);
        const slowest = slowestFirst.slice(0, Math.max(1, Math.floor(slowestFirst.length / 100)));
        const average = slowest.reduce((sum, time) => sum + time, 0) / slowest.length;
        return average > 0 ? 1000 / average : this.fps;
    }

    /** Records that the tab was hidden or shown. The first frame after that has no predecessor. */
    setHidden(hidden) {
        this.hidden = hidden;
        this.last = null;
    }

    /** False during the first half second, when `fps` is still an assumption. */
    get hasReport() {
        return this.isMeasured || this.hidden;
    }

    /** The fields of the avatar protocol's `telemetry` message; long frames are counted since the last report. */
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
