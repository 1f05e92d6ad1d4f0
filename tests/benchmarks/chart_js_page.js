// Six line charts of an hour of seconds by Chart.js, as fast as its documentation says how: no animation, no points, parsed
// and sorted data, decimation. Each second they get one more value and drop the oldest.

const SECONDS = 3600;
const LINES = [1, 1, 2, 1, 1, 3];

const value = (time, line) => 30 + 20 * Math.sin(time / (60 + 7 * line));

const charts = LINES.map((lines, number) => {
    const canvas = document.createElement("canvas");
    const holder = document.createElement("div");
    holder.style.height = "190px";
    holder.append(canvas);
    document.body.append(holder);
    const now = Math.floor(Date.now() / 1000);
    const datasets = Array.from({ length: lines }, (_, line) => ({
        data: Array.from({ length: SECONDS }, (__, row) => ({ x: now - SECONDS + row, y: value(now - SECONDS + row, number + line) })),
        borderWidth: 1.5,
        fill: lines === 1,
    }));
    return new Chart(canvas, {
        type: "line",
        data: { datasets },
        options: {
            animation: false,
            parsing: false,
            normalized: true,
            maintainAspectRatio: false,
            elements: { point: { radius: 0 } },
            plugins: { decimation: { enabled: true, algorithm: "min-max" } },
            scales: { x: { type: "linear" }, y: { min: 0, max: 100 } },
        },
    });
});

setInterval(() => {
    const now = Math.floor(Date.now() / 1000);
    charts.forEach((chart, number) => {
        chart.data.datasets.forEach((dataset, line) => {
            dataset.data.push({ x: now, y: value(now, number + line) });
            dataset.data.shift();
        });
        chart.update("none");
    });
}, 1000);
