// Measures how smoothly a page draws. FPSCounter needs no DOM, so it runs in any animation loop, in a worker and in a test.
// This file imports nothing: it may be copied, alone or with avatar_client.js.

const UPDATE_EVERY_MS = 500;
const KEPT_FRAMES = 600;
const LONG_FRAME_MS = 50;
const HIDDEN_PAUSE_MS = 1000;
const ASLEEP_PAUSE_MS = 10_000;
const BURST_FRAMES = 30;
const KEPT_BURSTS = 5;
const FEWEST_ALIKE = 6;
const REPORTS_BETWEEN_BURSTS = 30;

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
        this.reportFrames = 0;
        this.reportSpan = 0;
        this.longestPause = HIDDEN_PAUSE_MS;
    }

    /** Records a drawn frame at `now`, in milliseconds of a monotonic clock. */
    recordFrame(now = performance.now()) {
        this.frameCount += 1;
        const elapsed = this.last === null ? null : now - this.last;
        this.last = now;
        // Browsers do not draw hidden tabs, so a long pause says nothing about the speed of this page, unless it is known
        // that the tab was not hidden. Even then the whole computer may have slept.
        if (elapsed === null || elapsed >= this.longestPause) {
            this.windowStart = now;
            this.windowFrames = 0;
            return;
        }
        this.recent.push(elapsed);
        if (this.recent.length > KEPT_FRAMES) this.recent.shift();
        if (elapsed > LONG_FRAME_MS) this.longFrames += 1;
        this.windowFrames += 1;
        this.reportFrames += 1;
        this.reportSpan += elapsed;
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
        this.longestPause = ASLEEP_PAUSE_MS;
    }

    /** False during the first half second, when `fps` is still an assumption, and while nothing was drawn since the last report. */
    get hasReport() {
        return (this.isMeasured && this.reportFrames > 0) || this.hidden;
    }

    /** The fields of the avatar protocol's `telemetry` message. All but `low_fps` are about the time since the last report. */
    report() {
        const drawn = this.reportSpan > 0;
        const report = {
            fps: round(drawn ? (this.reportFrames * 1000) / this.reportSpan : this.fps),
            frame_time_ms: round(drawn ? this.reportSpan / this.reportFrames : this.frameTime),
            low_fps: round(this.lowFPS),
            long_frames: this.longFrames,
            hidden: this.hidden,
        };
        this.longFrames = this.reportFrames = this.reportSpan = 0;
        return report;
    }
}

/**
 * Counts the frames that the main thread held up for more than 50 ms, where the browser tells (Chromium 123 and newer):
 * https://w3c.github.io/long-animation-frames/. They do not include frames that only the GPU held up.
 */
export class LongAnimationFrames {
    constructor({ PerformanceObserver: Observer } = globalThis) {
        this.isKnown = Observer?.supportedEntryTypes?.includes("long-animation-frame") ?? false;
        this.count = this.blocking = 0;
        if (!this.isKnown) return;
        this.observer = new Observer((list) => {
            for (const frame of list.getEntries()) {
                this.count += 1;
                this.blocking += frame.blockingDuration;
            }
        });
        this.observer.observe({ type: "long-animation-frame" });
    }

    /** How many since the last call, and for how long they kept the page from answering; nothing if it is not known. */
    take() {
        if (!this.isKnown) return {};
        const taken = { long_animation_frames: this.count, blocking_ms: round(this.blocking) };
        this.count = this.blocking = 0;
        return taken;
    }

    stop() {
        this.observer?.disconnect();
    }
}

/** What a page tells of itself: how it draws, whether it is hidden and, with `network`, what its browser says of the network. */
export class PageTelemetry {
    /** Without a `counter` it counts the browser's animation frames itself; with one, the page calls `recordFrame`. */
    constructor({ counter = null, network = true, edge = globalThis } = {}) {
        this.counter = counter ?? new FPSCounter();
        this.network = network;
        this.edge = edge;
        this.longFrames = new LongAnimationFrames(edge);
        this.refresh = new RefreshRate(edge);
        this.reports = 0;
        this.setHidden();
        if (counter === null) this.#count();
    }

    get isHidden() {
        return this.edge.document?.hidden ?? false;
    }

    /** To be called when the page is shown or hidden. */
    setHidden() {
        this.counter.setHidden(this.isHidden);
    }

    /** The fields of the `telemetry` message, null if nothing was drawn. Fields that are not known are left out. */
    take() {
        if (!this.isHidden && this.reports++ % REPORTS_BETWEEN_BURSTS === 0) this.refresh.measure();
        if (!this.counter.hasReport) return null;
        const report = this.counter.report();
        if (this.isHidden) return report;
        const { effectiveType, downlink, rtt } = (this.network && this.edge.navigator?.connection) || {};
        const more = { refresh_hz: this.refresh.hz, ...this.longFrames.take(), network_type: effectiveType, downlink_mbps: downlink, network_rtt_ms: rtt };
        return { ...report, ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined && value !== null)) };
    }

    stop() {
        if (this.counting) this.edge.cancelAnimationFrame(this.counting);
        this.longFrames.stop();
        this.refresh.stop();
    }

    #count() {
        const frame = (now) => {
            this.counter.recordFrame(now);
            this.counting = this.edge.requestAnimationFrame(frame);
        };
        this.counting = this.edge.requestAnimationFrame?.(frame);
    }
}

/** Estimates the display's refresh rate: bursts of animation frames, of which the fastest within the last few counts. */
export class RefreshRate {
    constructor(edge = globalThis) {
        this.edge = edge;
        this.bursts = [];
        this.wanted = null;
    }

    /** In Hz; null until it is known. */
    get hz() {
        return this.bursts.length > 0 ? round(Math.max(...this.bursts)) : null;
    }

    /** Begins a burst, unless one is under way. */
    measure() {
        if (this.wanted !== null || !this.edge.requestAnimationFrame) return;
        const times = [];
        const step = (now) => {
            times.push(now);
            this.wanted = times.length > BURST_FRAMES ? null : this.edge.requestAnimationFrame(step);
            if (this.wanted === null) this.#add(refreshRate(times));
        };
        this.wanted = this.edge.requestAnimationFrame(step);
    }

    stop() {
        if (this.wanted !== null) this.edge.cancelAnimationFrame(this.wanted);
        this.wanted = null;
    }

    #add(hz) {
        if (hz === null) return;
        this.bursts.push(hz);
        if (this.bursts.length > KEPT_BURSTS) this.bursts.shift();
    }
}

/**
 * The refresh rate behind the times of consecutive animation frames, null if too few are alike. A frame that takes too long
 * lasts two periods or more, so the shorter ones tell.
 */
export function refreshRate(times) {
    const spans = times.slice(1).map((time, index) => time - times[index]).filter((span) => span > 0).sort((a, b) => a - b);
    const typical = spans[Math.floor(spans.length / 4)];
    const alike = spans.filter((span) => Math.abs(span - typical) <= 0.2 * typical);
    return alike.length < FEWEST_ALIKE ? null : (alike.length * 1000) / alike.reduce((sum, span) => sum + span, 0);
}

function round(value) {
    return Math.round(value * 100) / 100;
}
