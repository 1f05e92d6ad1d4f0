// The page of one client: who it is and how it is doing, its charts, its connections.

import { ChartView } from "../charts/chart_view.js";
import { ClientCharts } from "./charts.js";
import { ClientHead } from "./head.js";
import { ClientSeries } from "./series.js";
import { ClientsTable } from "../clients/table.js";
import { clientURL } from "../clients/view.js";
import { clockTime, isKnown } from "../lib/format.js";
import { fetchJSON, LatestOnly } from "../past/requests.js";
import { happenedIn, PastTimes } from "./past_times.js";
import { openFeed } from "../lib/feed.js";
import { momentURL } from "../lib/moment_link.js";
import { onCopyLink } from "../lib/copy_link.js";
import { onKey } from "../lib/keyboard.js";
import { readJSON, setAttribute, setText } from "../lib/element.js";
import { RulesInForce } from "../lib/rules.js";
import { gettext } from "../lib/translate.js";
import { serverClock } from "../lib/time.js";
import { startChoosing } from "../clients/selection.js";

const ALL = "all";

const windows = [...document.querySelectorAll("[data-window]")];
const view = new ChartView([60, 300, 900, 3600, ALL]);
const byId = (id) => document.getElementById(id);
const config = readJSON("config");
const series = new ClientSeries();
const rules = new RulesInForce(config, { onChange: () => draw() });
const head = new ClientHead(byId("client-now"));
const charts = new ClientCharts(byId("client-charts"), byId("client-unknown"), {
    rules,
    momentURL: (at) => momentURL(config.live_url, at),
    onZoom: zoom,
    isZoomed: () => view.isZoomed,
    onWiden: widen,
});
const table = new ClientsTable(byId("clients"), {
    thresholds: config.thresholds,
    clientURL: clientURL(config),
    clientId: config.client_id,
    choosing: startChoosing({ isSingle: true, linkOf: clientURL(config) }),
    onView: (view) => feed.setView(view),
});
let latest = null;
let holdsFrom = null;

const pastTimes = new PastTimes(askForPast);
const past = new LatestOnly({ ask: () => fetchJSON(config.past_url, {}), onAnswer: takePast, onFailed: showNoPast });

const feed = openFeed(config, {
    view: table.view,
    onHistory({ client = [] }) {
        for (const second of client) series.takeSecond(second);
        pastTimes.opened();
    },
    onFrame(frame) {
        latest = frame;
        rules.take(frame);
        serverClock.tell(frame.timestamp);
        pastTimes.take(happenedIn(frame, config.client_id));
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
    const marks = answer.sessions.flatMap(({ connected_at: from, disconnected_at: to }) => [{ at: from, kind: "start", text: gettext("connected") }, ...(isKnown(to) ? [{ at: to, kind: "stop", text: gettext("left") }] : [])]);
    const alerts = answer.alerts.map((alert) => ({ ...alert, end: alert.end ?? answer.to, until: alert.end }));
    charts.tell({ alerts, marks });
    const note = answer.complete ? "" : gettext("Reading everything took too long: what is older than %(time)s is missing.", { time: clockTime(answer.from) });
    showNote(note);
    draw();
}

function showNoPast(error) {
    pastTimes.failed();
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
    const from = view.seconds === ALL ? Math.max(oldest, (series.first ?? oldest) - 1) : now - view.seconds;
    const { from: start, to: end } = view.zoom ?? { from, to: now };
    charts.draw(series, start, end);
    byId("client-empty").hidden = !byId("client-charts").hidden;
}

function zoom(from, to) {
    if (view.zoomTo(from, to)) showView("pushState");
    else showView();
}

function widen() {
    view.reset();
    showView("pushState");
}

/** Another stretch is to be shown, and stands in the address. */
function showView(how = "replaceState") {
    const search = view.write(location.search);
    if (search !== location.search) history[how](history.state, "", `${location.pathname}${search}`);
    for (const button of windows) setAttribute(button, "aria-pressed", String(!view.isZoomed && button.dataset.window === String(view.seconds)));
    byId("client-reset").hidden = !view.isZoomed;
    charts.clearSelection();
    draw();
}

for (const button of windows) {
    button.addEventListener("click", () => {
        view.choose(button.dataset.window === ALL ? ALL : Number(button.dataset.window));
        showView();
    });
}
byId("client-reset").addEventListener("click", widen);
onKey("Escape", widen, () => view.isZoomed);
onCopyLink((query) => query.set("window", String(view.seconds)));
addEventListener("popstate", () => {
    view.read(location.search);
    showView();
});
view.read(location.search);
showView();
document.addEventListener("visibilitychange", () => !document.hidden && latest && show());
