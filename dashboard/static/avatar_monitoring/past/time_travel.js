// Going back in time on the live page: connects the player with the data it shows, the timeline and the heading.

import { columnsOf, PastSeries } from "./series.js";
import { fetchJSON, LatestOnly } from "./requests.js";
import { Happened } from "./happened.js";
import { HourFiller } from "./hour_filler.js";
import { momentOf, PastHead } from "./head.js";
import { PastChunks } from "./chunks.js";
import { pastFrame } from "./frame.js";
import { Player } from "./player.js";
import { serverClock } from "../lib/time.js";
import { onZoneChange } from "../lib/zone.js";
import { TimelineBar } from "./timeline_bar.js";

/** Nodes write seconds to the journal in batches of five, so the newest ones are not available yet. */
const BATCH_SECONDS = 5;
const MOMENT_EVERY_MS = 1000;
const RETRY_MS = 5000;
const HOUR = 3600;
const LONGEST_RAIL_SECONDS = 86_400;

export class TimeTravel {
    /**
     * `view()` returns the wanted page of clients, `windowSeconds()` how far the charts look back and `zoomEnd()`
     * where a stretch that they are zoomed to ends, null without one. `onTurn(isPast)` is called
     * on a switch to the past or back, `onChange()` when there is something new to draw. Without `keepsHistory` it marks
     * neither alerts nor markers, which are not stored either.
     */
    constructor(root, { urls, keepsHistory, buffer, interval, view, windowSeconds, zoomEnd = () => null, onTurn, onChange }) {
        Object.assign(this, { urls, keepsHistory, interval, view, windowSeconds, zoomEnd, onTurn, onChange });
        this.series = new PastSeries();
        this.happened = new Happened({
            ask: (from, to) => fetchJSON(urls.eventsUrl, { from, to }),
            now: () => this.now,
            onTaken: () => this.#filled(),
        });
        this.chunks = new PastChunks({
            series: this.series,
            columnsOf,
            fetch: (from, to) => fetchJSON(urls.pastUrl, { from, to }),
            onLoaded: () => this.#loaded(),
            onFailed: (error) => this.#failed("seconds", error),
        });
        this.filler = new HourFiller({ buffer, ask: (from, to) => this.chunks.ask(from, to), onDone: () => this.#filled() });
        this.moments = new LatestOnly({
            ask: ({ at, view: { search, sort, offset, limit } }) => fetchJSON(urls.momentUrl, { at, search, sort, offset, limit }),
            onAnswer: (moment) => this.#arrived(moment),
            onFailed: (error) => this.#failed("moment", error),
        });
        this.player = new Player({
            newest: () => this.newest,
            isLoaded: (second) => this.chunks.isLoaded(second),
            onChange: (player, cause) => this.#moved(cause),
        });
        this.bar = new TimelineBar(root, {
            goTo: (second) => this.player.goTo(second),
            step: (units) => this.step(units),
            toggle: () => this.player.toggle(),
            setSpeed: (speed) => this.player.setSpeed(speed),
        });
        this.head = new PastHead(urls.trendsUrl);
        onZoneChange(() => this.#filled());
        Object.assign(this, { heardAt: serverClock.now, moment: null, failures: { seconds: "", moment: "" }, isPast: false });
        Object.assign(this, { momentAt: -Infinity, shownUntil: null });
    }

    /** The server's clock. */
    get now() {
        return serverClock.now;
    }

    get newest() {
        return Math.floor(this.heardAt) - BATCH_SECONDS - Math.ceil(2 * this.interval);
    }

    get frame() {
        return pastFrame(this.player.at, this.series.row(), this.moment);
    }

    /** When the metric's alerts fired, up to the end of what is shown; `live` are the spans that the page received itself. */
    spansOf(metric, live) {
        return this.happened.spansOf(metric, this.#end, live);
    }

    /** The markers up to the end of what is shown. */
    get marks() {
        return this.happened.marksUntil(this.#end);
    }

    /** The end of the charts: the shown moment, or that of a stretch that the reader drew over. */
    get #end() {
        return Math.min(this.now, this.zoomEnd() ?? this.player.at ?? this.now);
    }

    /** Moves by seconds, or by minutes where only minutes are kept. */
    step(units) {
        const isMinute = this.isPast && this.#tier === "minute";
        this.player.step(units * (isMinute ? 60 : 1));
    }

    /** Shows the moment in the page's address, if there is one. */
    followAddress() {
        const { at, error } = momentOf(location.search, this.now);
        if (error) {
            this.head.leave();
            this.head.complain(error);
        } else if (at !== null) this.player.goTo(at);
    }

    /** Takes the time of a live frame. */
    tick({ timestamp, interval }) {
        Object.assign(this, { heardAt: timestamp, interval });
        serverClock.tell(timestamp);
        this.filler.retry();
        this.look();
        if (this.failures.moment && this.isPast && performance.now() - this.momentAt > RETRY_MS) this.#ask();
        this.#wantEvents();
        this.#show();
    }

    /** Fetches what is missing before `heardFrom`, from when on the page receives frames. */
    fill(heardFrom) {
        this.filler.fill(heardFrom);
    }

    /** The charts' window has changed. */
    look() {
        if (this.isPast) this.chunks.want(this.player.at, this.windowSeconds(), this.newest);
    }

    /** The wanted page of clients has changed. */
    askAgain() {
        this.#ask();
    }

    get #tier() {
        return this.chunks.tierOf(this.player.at) ?? (this.player.at < (this.chunks.holds?.from ?? -Infinity) ? "minute" : "second");
    }

    #filled() {
        this.#show();
        this.onChange();
    }

    #moved(cause) {
        const { player } = this;
        if (player.isLive === this.isPast) this.#turn(!player.isLive);
        if (this.isPast) {
            this.series.at = player.at;
            this.chunks.want(player.at, this.windowSeconds(), this.newest);
            this.#wantEvents();
            const isDue = performance.now() - this.momentAt >= MOMENT_EVERY_MS;
            if (cause === "jump" || !player.isPlaying || isDue) this.#ask();
        }
        this.#show();
        this.onChange();
    }

    #turn(isPast) {
        this.isPast = isPast;
        this.moment = null;
        this.moments.forget();
        if (!isPast) this.head.leave();
        this.onTurn(isPast);
    }

    #ask() {
        this.momentAt = performance.now();
        this.moments.want({ at: this.player.at, view: this.view() });
    }

    #arrived(moment) {
        this.moment = moment;
        this.failures.moment = "";
        this.#show();
        this.onChange();
    }

    #loaded() {
        this.failures.seconds = "";
        this.#show();
        if (this.isPast) this.onChange();
    }

    #failed(what, error) {
        this.failures[what] = error.message;
        this.#show();
    }

    #wantEvents() {
        if (!this.keepsHistory || !this.urls.eventsUrl) return;
        // Before the journal has answered, the timeline has no range yet.
        const start = Math.max(this.bar.span.start, this.now - LONGEST_RAIL_SECONDS);
        this.happened.want(this.chunks.holds ? start : this.now - HOUR, this.player.at, this.windowSeconds());
    }

    #show() {
        const { player, now, newest, chunks, isPast } = this;
        const missing = isPast ? "" : this.filler.missing;
        const unitSeconds = isPast && this.#tier === "minute" ? 60 : 1;
        this.bar.show({ at: player.at, holds: chunks.holds ?? null, now, newest, isPlaying: player.isPlaying, missing, unitSeconds });
        const { start, end } = this.bar.span;
        this.bar.showMarks(this.happened.onTimeline(start, end));
        this.bar.showUnmarked(missing ? "" : this.happened.problem);
        if (!isPast) return;
        this.head.show({
            at: player.at,
            now,
            tier: this.#tier,
            isLoaded: chunks.isLoaded(player.at),
            isKnown: this.series.row() !== null,
            isWhole: this.moment !== null,
            isComplete: this.moment?.complete,
            hasEnded: player.hasEnded,
            isPlaying: player.isPlaying,
            failure: this.failures.seconds || this.failures.moment,
        });
    }
}
