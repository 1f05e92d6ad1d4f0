// The page of all clients, and the page of one: the live table alone.

import { ClientsTable } from "./table.js";
import { GroupsPanel } from "./groups.js";
import { clientURL } from "./view.js";
import { onKey } from "../lib/keyboard.js";
import { openFeed } from "../lib/feed.js";
import { readJSON } from "../lib/element.js";
import { RulesInForce } from "../lib/rules.js";
import { startDisconnecting } from "./disconnect.js";

const config = readJSON("config");
const search = document.getElementById("client-search");
const table = new ClientsTable(document.getElementById("clients"), {
    thresholds: config.thresholds,
    clientURL: clientURL(config),
    clientId: config.client_id,
    choosing: startDisconnecting({ isSingle: config.client_id !== undefined }),
    onView: (view) => feed.setView(groups.asked(view)),
});
const groups = new GroupsPanel(document.getElementById("groups"), () => feed.setView(groups.asked(table.view)));
const rules = new RulesInForce(config);
let latest = null;

const feed = openFeed(config, {
    view: table.view,
    onFrame(frame) {
        latest = frame;
        rules.take(frame);
        if (!document.hidden) show();
    },
});

function show() {
    table.show(latest);
    groups.show(latest);
}

document.addEventListener("visibilitychange", () => !document.hidden && latest && show());
if (search) onKey("/", () => search.focus());
