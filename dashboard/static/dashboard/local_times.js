// Times that the server wrote in UTC, in the reader's own zone; the exact UTC time stays in the tooltip.

import { dateTime, duration } from "./format.js";
import { serverClock } from "./server_clock.js";
import { setText } from "./element.js";

export function showLocalTimes(root = document) {
    for (const time of root.querySelectorAll("time[data-local]")) {
        time.title = time.dateTime;
        setText(time, dateTime(Date.parse(time.dateTime) / 1000, time.dataset.local === "seconds"));
    }
    for (const span of root.querySelectorAll("[data-span-from]")) {
        const end = span.dataset.spanTo ? Date.parse(span.dataset.spanTo) : serverClock.now * 1000;
        setText(span, duration((end - Date.parse(span.dataset.spanFrom)) / 1000));
    }
}
