// The project's own gauges: a chart for each, below the six. They are shown for the present; trends have their past.

import { GaugeBuffer } from "../charts/gauge_buffer.js";
import { liveChart, showIn } from "./charts.js";

const COLORS = ["--series-1", "--series-2", "--series-3", "--series-4"];

export class OwnGauges {
    /** `options` are those of LiveCharts. */
    constructor(root, { interval, ...options }) {
        Object.assign(this, { root, interval, options });
        this.buffer = new GaugeBuffer();
        this.charts = new Map();
    }

    /** The first message of a viewer: its samples have the values by name. */
    addHistory({ samples, restamped }) {
        if (restamped) this.buffer = new GaugeBuffer();
        for (const { timestamp, gauges = {} } of samples) this.buffer.add(timestamp, gauges, this.interval);
    }

    addFrame({ timestamp, interval, gauges = [] }) {
        this.buffer.add(timestamp, Object.fromEntries(gauges.map(({ name, value }) => [name, value])), interval);
        for (const gauge of gauges) if (!this.charts.has(gauge.name)) this.charts.set(gauge.name, this.#chart(gauge));
    }

    clearSelection() {
        for (const chart of this.charts.values()) chart.clearSelection();
    }

    /** Draws the present, or what a pause has kept of it. */
    draw(buffer = this.buffer) {
        for (const chart of this.charts.values()) showIn(chart, this.options.view, buffer);
    }

    #chart({ name, label, unit }) {
        this.root.hidden = false;
        const color = COLORS[this.charts.size % COLORS.length];
        const chart = { key: `own-${name}`, title: label, unit, isOwn: true, metric: name, series: [[name, label, color, 0.12]] };
        // A project gives its own gauges their names.
        return liveChart(this.root, chart, this.options, (text) => text);
    }
}
