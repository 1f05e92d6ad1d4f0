// Fills the cards from what came with the page and from the first messages, while the scripts for charts and tables are still loading.

import { Cards } from "./cards.js";
import { isReadable, viewerSocket } from "../lib/viewer_socket.js";
import { readJSON } from "../lib/element.js";
import { RulesInForce } from "../lib/rules.js";
import { SeriesBuffer } from "../charts/series_buffer.js";

const config = readJSON("config");
const { interval } = config;
const buffer = new SeriesBuffer({ interval });
const cards = new Cards(document.getElementById("cards"), new RulesInForce(config));
// A page that will show the past must not show the present first.
const showsPast = new URLSearchParams(location.search).has("at");

// A page that the browser has kept has the numbers of then.
const isKept = performance.getEntriesByType("navigation")[0]?.type === "back_forward";

if (config.first_samples && !isKept) show(config.first_samples);

viewerSocket.peek((message) => {
    if (!isReadable(message)) return;
    if (message.type === "history") {
        buffer.clear();
        show(message);
    } else if (message.type === "metrics") show({ epoch: message.epoch, samples: [{ ...message, live: true }] });
});

function show(history) {
    buffer.addHistory(history);
    if (!showsPast && buffer.last) cards.show(buffer.last, buffer);
}
