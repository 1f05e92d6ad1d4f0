// The page of all clients: the live table, and how groups of them do.

import { ClientsTable } from "./table.js";
import { GroupsPanel } from "./groups.js";
import { clientURL } from "./view.js";
import { onKey } from "../lib/keyboard.js";
import { openFeed } from "../lib/feed.js";
import { readJSON } from "../lib/element.js";
import { RulesInForce } from "../lib/rules.js";
import { startChoosing } from "./selection.js";

const config = readJSON("config");
const linkOf = clientURL(config);
const search = document.getElementById("client-search");
const table = new ClientsTable(document.getElementById("clients"), {
    thresholds: config.thresholds,
    clientURL: linkOf,
    choosing: startChoosing({ isSingle: false, linkOf }),
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
onKey("/", () => search.focus());
