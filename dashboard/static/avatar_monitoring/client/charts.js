// The charts of one client on one time axis with one cursor. A chart of what nobody knows is not shown; the note says why.

import { clockTime, formatterOf, isKnown, plainFormatterOf } from "../lib/format.js";
import { createPlot } from "../charts/plot.js";
import { element, setAttribute, setText } from "../lib/element.js";
import { Legend, titleOf } from "../charts/legend.js";
import { rangeOf } from "../charts/axes.js";
import { gettext, gettext_noop } from "../lib/translate.js";

const CHARTS = [
    {
        title: gettext_noop("Latency"),
        unit: "ms",
        metric: "latency_ms",
        series: [["latency_ms", gettext_noop("Ping"), "--series-1"], ["kernel_rtt_ms", gettext_noop("Kernel (TCP)"), "--series-3"]],
        why: gettext_noop("latency: no ping of this client was answered"),
    },
    {
        title: gettext_noop("Handler time"),
        unit: "ms",
        series: [["handler_ms", gettext_noop("Longest"), "--series-4"]],
        why: gettext_noop("handler time: no message of this client was timed"),
    },
    {
        title: gettext_noop("Messages"),
        unit: "/s",
        series: [["messages_received_per_second", gettext_noop("Received"), "--series-1"], ["messages_sent_per_second", gettext_noop("Sent"), "--series-2"]],
        why: gettext_noop("messages: no two steps of this client are known"),
    },
    {
        title: gettext_noop("Bytes"),
        unit: "B/s",
        series: [["bytes_received_per_second", gettext_noop("Received"), "--series-1"], ["bytes_sent_per_second", gettext_noop("Sent"), "--series-2"]],
        why: gettext_noop("bytes: no two steps of this client are known"),
    },
    {
        title: gettext_noop("FPS"),
        unit: "",
        metric: "fps",
        series: [["fps", gettext_noop("Frames per second"), "--series-2", 0.12]],
        why: gettext_noop("FPS and frame time: its client library does not report frames"),
    },
    { title: gettext_noop("Frame time"), unit: "ms", series: [["frame_time_ms", gettext_noop("Mean"), "--series-3"]], why: "" },
    {
        title: gettext_noop("Unsent"),
        unit: "B",
        series: [["unsent_bytes", gettext_noop("Waiting here"), "--series-4", 0.12]],
        why: gettext_noop("unsent bytes: this server does not say what waits for a client"),
    },
];

export class ClientCharts {
    /** `onZoom(from, to)` and `onWiden()` are called when the reader drags over a stretch, and on a double click. */
    constructor(root, note, { rules, onZoom, onWiden }) {
        this.root = root;
        this.note = note;
        this.events = { alerts: [], marks: [] };
        const told = { rules, onZoom, onWiden, events: () => this.events };
        this.charts = CHARTS.map((chart) => new ClientChart(root, chart, told));
    }

    /** Draws what a ClientSeries has from `from` to `to`, UTC epoch seconds. */
    draw(series, from, to) {
        const known = this.charts.map((chart) => series.knows(chart.columns));
        const isAny = known.some(Boolean);
        this.root.hidden = !isAny;
        this.charts.forEach((chart, index) => chart.draw(series, from, to, known[index]));
        const reasons = this.charts.filter((chart, index) => !known[index] && chart.why).map(({ why }) => gettext(why));
        this.note.hidden = !isAny || reasons.length === 0;
        setText(this.note, gettext("Not shown, because not known: %(reasons)s.", { reasons: reasons.join("; ") }));
    }

    /** Alerts as `[{start, end, metric}]`, and when the client connected and left as `[{at, kind}]`. */
    tell(events) {
        this.events = events;
    }
}

class ClientChart {
    constructor(root, { title, unit, metric, series, why }, { rules, events, onZoom, onWiden }) {
        const threshold = () => rules.thresholds[metric];
        Object.assign(this, { title: gettext(title), why, data: [] });
        this.columns = series.map(([column]) => column);
        this.format = formatterOf(unit);
        this.legend = new Legend(series.map(([, label, color], index) => ({ label: gettext(label), color, column: index + 1 })), plainFormatterOf(unit));
        this.holder = element("div", { class: "plot", role: "img", "aria-label": gettext("%(title)s: no value yet", { title: this.title }) });
        this.root = element("article", { class: "chart", hidden: true }, element("header", { class: "chart__head" }, titleOf(this.title, unit === "B" ? "" : unit), this.legend.root), this.holder);
        root.append(this.root);
        this.plot = createPlot(this.holder, {
            series: series.map(([, , color, fill]) => ({ color, fill })),
            unit,
            range: () => rangeOf(unit, threshold()),
            format: this.format,
            threshold,
            limit: () => (metric ? rules.textOf(metric) : ""),
            spans: () => events().alerts.filter((alert) => alert.metric === metric),
            marks: () => events().marks,
            sync: "client",
            writeTime: (seconds) => clockTime(seconds),
            onCursor: (index) => this.#read(index),
            onSelect: onZoom,
            onReset: onWiden,
        });
    }

    draw(series, from, to, isKnownAtAll) {
        this.root.hidden = !isKnownAtAll;
        if (!isKnownAtAll) return;
        this.data = series.window(from, to, this.columns);
        this.plot.setData(this.data, false);
        this.plot.setScale("x", { min: from, max: to });
        this.#read(this.plot.cursor.idx ?? null);
        setAttribute(this.holder, "aria-label", this.#description());
    }

    /** Without a cursor the legend has the newest known values. */
    #read(index) {
        if (index !== null) this.legend.show(this.data, index);
        else this.legend.show(this.data.map((column) => [newestIn(column)]), 0);
    }

    #description() {
        const parts = this.columns.map((_, index) => this.data[index + 1].filter(isKnown));
        const known = parts.find((values) => values.length > 0);
        const { title } = this;
        if (!known) return gettext("%(title)s: not known in this range", { title });
        const [last, low, high] = [known.at(-1), Math.min(...known), Math.max(...known)].map(this.format);
        return gettext("%(title)s: last %(last)s, lowest %(low)s, highest %(high)s", { title, last, low, high });
    }
}

function newestIn(column = []) {
    for (let row = column.length - 1; row >= 0; row -= 1) if (isKnown(column[row])) return column[row];
    return null;
}
