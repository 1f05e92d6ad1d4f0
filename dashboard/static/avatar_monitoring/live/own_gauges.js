// The project's own gauges: a chart for each, below the six. They are shown for the present; trends have their past.

import { GaugeBuffer } from "../charts/gauge_buffer.js";
import { LiveChart } from "./charts.js";

const COLORS = ["--series-1", "--series-2", "--series-3", "--series-4"];

export class OwnGauges {
    constructor(root, { interval, rules, spansOf, marks }) {
        this.root = root;
        this.interval = interval;
        this.rules = rules;
        this.spansOf = spansOf;
        this.marks = marks;
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

    draw(seconds) {
        for (const chart of this.charts.values()) chart.draw(this.buffer, seconds);
    }

    #chart({ name, label, unit }) {
        this.root.hidden = false;
        const color = COLORS[this.charts.size % COLORS.length];
        const chart = { title: label, unit, isOwn: true, metric: name, series: [[name, label, color, 0.12]] };
        return new LiveChart(this.root, chart, this.rules, () => this.spansOf(name), this.marks);
    }
}
