// The timeline below the live page's heading: the shown moment, and the controls to move it.

import { clockTime, duration, momentWithin, otherZoneText } from "../lib/format.js";
import { ZonedField } from "../lib/zoned_fields.js";
import { gettext } from "../lib/translate.js";
import { setAttribute, setIcon, setText } from "../lib/element.js";
import { rove } from "../lib/rove.js";
import { SPEEDS } from "./player.js";
import { TimelineMarks } from "./timeline_marks.js";
import { Tip } from "../lib/tip.js";

const LEAST_SPAN_SECONDS = 60;

export class TimelineBar {
    /** The callbacks are methods of a Player: goTo, step, toggle, setSpeed. */
    constructor(root, { goTo, step, toggle, setSpeed }) {
        this.root = root;
        this.shown = 0;
        const find = (name) => root.querySelector(`[data-timeline="${name}"]`);
        for (const name of ["range", "play", "start", "end", "time", "utc", "marks", "missing", "track", "unmarked"]) this[name] = find(name);
        this.links = new TimelineMarks(this.marks);
        rove(this.marks);
        new Tip(this.marks);
        this.range.addEventListener("input", () => goTo(Number(this.range.value)));
        this.play.addEventListener("click", toggle);
        for (const button of root.querySelectorAll("[data-step]")) {
            button.addEventListener("click", () => step(Number(button.dataset.step)));
        }
        find("speed").addEventListener("change", ({ target }) => setSpeed(SPEEDS[target.selectedIndex]));
        const field = new ZonedField(find("go").elements.moment);
        find("go").closest("details").addEventListener("toggle", () => field.show(Math.floor(this.shown)));
        find("go").addEventListener("submit", (event) => {
            event.preventDefault();
            const { moment } = field;
            event.target.closest("details").open = false;
            if (!Number.isNaN(moment)) goTo(moment);
        });
    }

    /** `holds` is the range `{from, to}` of seconds that can be shown; null if there are none. */
    show({ at, holds, now, newest, isPlaying, missing, unitSeconds }) {
        this.root.toggleAttribute("data-missing", missing !== "");
        setText(this.missing, missing);
        this.track.hidden = missing !== "";
        for (const button of this.root.querySelectorAll("[data-step]")) {
            const seconds = Number(button.dataset.step);
            button.disabled = missing !== "" || (seconds > 0 && (at === null || at >= newest));
            setText(button, `${seconds > 0 ? "+" : "−"}${duration(Math.abs(seconds) * unitSeconds)}`);
        }
        this.shown = at ?? newest;
        this.play.disabled = at === null;
        setIcon(this.play.firstElementChild, isPlaying ? "pause" : "play");
        setAttribute(this.play, "aria-label", isPlaying ? gettext("Pause") : gettext("Play"));
        setText(this.time, clockTime(at ?? now));
        setText(this.utc, otherZoneText(at ?? now));
        if (holds) this.#showRange(at, holds.from, newest);
    }

    #showRange(at, from, newest) {
        const start = Math.min(Math.ceil(from), newest - LEAST_SPAN_SECONDS);
        const shown = Math.max(start, at ?? newest);
        for (const [name, value] of [["min", start], ["max", newest]]) setAttribute(this.range, name, String(value));
        this.range.value = String(shown);
        setAttribute(this.range, "aria-valuetext", at === null ? gettext("live") : clockTime(shown));
        this.range.style.setProperty("--share", `${(100 * (shown - start)) / (newest - start)}%`);
        setText(this.start, momentWithin(start, newest - start, 60));
        setText(this.end, at === null ? gettext("live") : clockTime(newest, false));
        this.root.toggleAttribute("data-older", at !== null && at < start);
    }

    /** Alerts and markers, as `TimelineMarks` shows them. */
    showMarks(marks) {
        this.links.show(marks);
    }

    /** Says why alerts and markers may be missing. */
    showUnmarked(reason) {
        this.unmarked.hidden = reason === "";
        setText(this.unmarked, reason && gettext("Alerts and markers may be missing: %(reason)s.", { reason }));
    }

    get span() {
        return { start: Number(this.range.min), end: Number(this.range.max) };
    }
}
