// The timeline below the live page's heading: the shown moment, and the controls to move it.

import { clockTime, duration, momentWithin, otherZoneText } from "../lib/format.js";
import { ZonedField } from "../lib/zoned_fields.js";
import { gettext } from "../lib/translate.js";
import { element, setAttribute, setIcon, setText } from "../lib/element.js";
import { momentURL } from "../lib/moment_link.js";
import { rove } from "../lib/rove.js";
import { SPEEDS } from "./player.js";
import { Tip } from "../lib/tip.js";

const LEAST_SPAN_SECONDS = 60;
const MARKS_WIDTH = 1000;
const NARROWEST_SHARE = 0.004;

export class TimelineBar {
    /** The callbacks are methods of a Player: goTo, step, toggle, setSpeed. */
    constructor(root, { goTo, step, toggle, setSpeed }) {
        this.root = root;
        this.shown = 0;
        const find = (name) => root.querySelector(`[data-timeline="${name}"]`);
        for (const name of ["range", "play", "start", "end", "time", "utc", "marks", "missing", "track"]) this[name] = find(name);
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

    /** `marks` are alerts and markers in order, `[{x, width, at, text, severity or kind}]`, as shares of the range. */
    showMarks(marks) {
        const key = JSON.stringify(marks.map(({ x, width, text }) => [Math.round(x * MARKS_WIDTH), Math.round(width * MARKS_WIDTH), text]));
        if (key === this.shownMarks) return;
        this.shownMarks = key;
        const focused = this.marks.contains(document.activeElement) ? document.activeElement.dataset.tip : null;
        const links = marks.map(({ x, width, at, severity, kind, text }) => {
            const link = element("a", { href: momentURL(location.pathname, at), "aria-label": text, "data-tip": text, "data-severity": severity ?? null, "data-kind": kind ?? null, tabindex: "-1" });
            const size = Math.max(NARROWEST_SHARE, width);
            link.style.left = `${100 * Math.min(x, 1 - size)}%`;
            link.style.width = `${100 * size}%`;
            return link;
        });
        this.marks.replaceChildren(...links);
        this.marks.hidden = links.length === 0;
        links.at(-1)?.setAttribute("tabindex", "0");
        links.find((link) => link.dataset.tip === focused)?.focus();
    }

    get span() {
        return { start: Number(this.range.min), end: Number(this.range.max) };
    }
}
