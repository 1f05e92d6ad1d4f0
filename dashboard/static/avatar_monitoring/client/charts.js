// The charts of one client on one time axis with one cursor. A chart of what nobody knows is not shown; the note says why.

import { gettext, gettext_noop } from "../lib/translate.js";
import { LineChart } from "../charts/line_chart.js";
import { rangeOf } from "../charts/axes.js";
import { setText } from "../lib/element.js";

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
    /** `momentURL(at)` is the address of a past moment; `onZoom(from, to)` and `onWiden()` are called when the reader drags over a stretch, and on a double click while `isZoomed()`. */
    constructor(root, note, { rules, momentURL, onZoom, onWiden, isZoomed }) {
        this.root = root;
        this.note = note;
        this.events = { alerts: [], marks: [] };
        const told = { rules, momentURL, onZoom, onWiden, isZoomed, events: () => this.events };
        this.charts = CHARTS.map((chart) => clientChart(root, chart, told));
    }

    /** Draws what a ClientSeries has from `from` to `to`, UTC epoch seconds. */
    draw(series, from, to) {
        const known = this.charts.map((chart) => series.knows(chart.columns));
        const isAny = known.some(Boolean);
        this.root.hidden = !isAny;
        this.charts.forEach((chart, index) => {
            chart.root.hidden = !known[index];
            if (known[index]) chart.show(series.window(from, to, chart.columns), { min: from, max: to });
        });
        const reasons = this.charts.filter((chart, index) => !known[index] && chart.why).map(({ why }) => gettext(why));
        this.note.hidden = !isAny || reasons.length === 0;
        setText(this.note, gettext("Not shown, because not known: %(reasons)s.", { reasons: reasons.join("; ") }));
    }

    /** The reader has drawn over a stretch: it is shown now, and no longer marked. */
    clearSelection() {
        for (const chart of this.charts) chart.clearSelection();
    }

    /** Alerts as `[{start, end, metric, message, url}]`, and when the client connected and left as `[{at, kind, text}]`. */
    tell(events) {
        this.events = events;
    }
}

function clientChart(root, { title, unit, metric, series, why }, { rules, events, momentURL, onZoom, onWiden, isZoomed }) {
    const threshold = () => rules.thresholds[metric];
    const chart = new LineChart(root, {
        key: series[0][0],
        title: gettext(title),
        unit,
        series: series.map(([column, label, color, fill]) => ({ column, label: gettext(label), color, fill })),
        range: () => rangeOf(unit, threshold()),
        threshold,
        limit: () => (metric ? rules.textOf(metric) : ""),
        spans: () => events().alerts.filter((alert) => alert.metric === metric),
        marks: () => events().marks,
        momentURL,
        isZoomed,
        sync: "client",
        keepsNewest: true,
        onSelect: onZoom,
        onReset: onWiden,
    });
    return Object.assign(chart, { why });
}
