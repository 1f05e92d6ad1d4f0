// The page of one client: who it is and how it is doing, its charts, its connections.

import { ClientCharts } from "./charts.js";
import { ClientHead } from "./head.js";
import { ClientSeries } from "./series.js";
import { ClientsTable } from "../clients/table.js";
import { clientURL } from "../clients/view.js";
import { clockTime, isKnown } from "../lib/format.js";
import { fetchJSON, LatestOnly } from "../past/requests.js";
import { openFeed } from "../lib/feed.js";
import { readJSON, setText } from "../lib/element.js";
import { RulesInForce } from "../lib/rules.js";
import { gettext } from "../lib/translate.js";
import { serverClock } from "../lib/time.js";
import { startChoosing } from "../clients/selection.js";

/** Steps reach the journal up to fifteen seconds late: then what lies before the first second of this page is there too. */
const REFRESH_MS = 16_000;
const ALL = "all";

const byId = (id) => document.getElementById(id);
const config = readJSON("config");
const series = new ClientSeries();
const rules = new RulesInForce(config);
const head = new ClientHead(byId("client-now"));
const charts = new ClientCharts(byId("client-charts"), byId("client-unknown"), { rules, onZoom: zoom, onWiden: widen });
const table = new ClientsTable(byId("clients"), {
    thresholds: config.thresholds,
    clientURL: clientURL(config),
    clientId: config.client_id,
    choosing: startChoosing({ isSingle: true, linkOf: clientURL(config) }),
    onView: (view) => feed.setView(view),
});
let latest = null;
let shownSeconds = 300;
let zoomed = null;
let holdsFrom = null;

const past = new LatestOnly({ ask: () => fetchJSON(config.past_url, {}), onAnswer: takePast, onFailed: showNoPast });

const feed = openFeed(config, {
    view: table.view,
    onHistory({ client = [] }) {
        for (const second of client) series.takeSecond(second);
        askForPast();
        setTimeout(askForPast, REFRESH_MS);
    },
    onFrame(frame) {
        latest = frame;
        rules.take(frame);
        serverClock.tell(frame.timestamp);
        if (frame.client) series.takeSecond(frame.client);
        if (!document.hidden) show();
    },
});

function show() {
    table.show(latest);
    head.show(latest.client ?? null, latest.timestamp);
    draw();
}

function askForPast() {
    if (config.history) past.want(null);
}

function takePast(answer) {
    series.takePast(answer);
    holdsFrom = answer.from;
    const marks = answer.sessions.flatMap(({ connected_at: from, disconnected_at: to }) => [{ at: from, kind: "start" }, ...(isKnown(to) ? [{ at: to, kind: "stop" }] : [])]);
    const alerts = answer.alerts.map((alert) => ({ ...alert, end: alert.end ?? answer.to }));
    charts.tell({ alerts, marks });
    const note = answer.complete ? "" : gettext("Reading everything took too long: what is older than %(time)s is missing.", { time: clockTime(answer.from) });
    showNote(note);
    draw();
}

function showNoPast(error) {
    showNote(gettext("The past cannot be shown: %(reason)s.", { reason: error.message.replace(/\.$/, "") }));
    draw();
}

function showNote(text) {
    byId("client-note").hidden = text === "";
    setText(byId("client-note"), text);
}

/** Draws the chosen range: the last minutes until now, all that the journal holds, or the stretch that the reader chose. */
function draw() {
    const now = Math.max(latest?.timestamp ?? 0, series.last?.at ?? 0) || serverClock.now;
    const oldest = Math.min(holdsFrom ?? now - 60, series.first ?? now);
    const from = shownSeconds === ALL ? Math.max(oldest, (series.first ?? oldest) - 1) : now - shownSeconds;
    const [start, end] = zoomed ?? [from, now];
    charts.draw(series, start, end);
    byId("client-empty").hidden = !byId("client-charts").hidden;
    byId("client-reset").hidden = zoomed === null;
}

function zoom(from, to) {
    zoomed = [from, to];
    draw();
}

function widen() {
    zoomed = null;
    draw();
}

for (const button of document.querySelectorAll("[data-window]")) {
    button.addEventListener("click", () => {
        shownSeconds = button.dataset.window === ALL ? ALL : Number(button.dataset.window);
        zoomed = null;
        for (const other of document.querySelectorAll("[data-window]")) other.setAttribute("aria-pressed", String(other === button));
        draw();
    });
}
byId("client-reset").addEventListener("click", widen);
document.addEventListener("visibilitychange", () => !document.hidden && latest && show());
