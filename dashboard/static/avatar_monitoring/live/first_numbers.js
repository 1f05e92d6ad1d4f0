// Fills the cards from the first messages, while the scripts for charts and tables are still loading.

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

viewerSocket.peek((message) => {
    if (showsPast || !isReadable(message)) return;
    if (message.type === "history") buffer.addHistory(message);
    if (message.type === "metrics") buffer.add({ ...message, live: true });
    if (buffer.last) cards.show(buffer.last, buffer);
});
