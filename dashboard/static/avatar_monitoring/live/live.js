// The live page: shows the feed in cards, charts and tables.

import { AlertRegions, alertURL } from "../alerts/spans.js";
import { AlertsList } from "../alerts/list.js";
import { attention } from "../lib/attention.js";
import { Cards } from "./cards.js";
import { ChartView } from "../charts/chart_view.js";
import { ClientsTable } from "../clients/table.js";
import { clientURL } from "../clients/view.js";
import { CostPanel } from "./cost_panel.js";
import { count, duration } from "../lib/format.js";
import { FPSCounter } from "../lib/fps_counter.js";
import { gettext } from "../lib/translate.js";
import { LiveCharts } from "./charts.js";
import { LivePlace } from "./place.js";
import { momentURL } from "../lib/moment_link.js";
import { NodesTable } from "./nodes_table.js";
import { onKey } from "../lib/keyboard.js";
import { openFeed } from "../lib/feed.js";
import { OwnGauges } from "./own_gauges.js";
import { readJSON, setAttribute, setIcon, setText } from "../lib/element.js";
import { startAnswers } from "../alerts/answers.js";
import { RulesInForce } from "../lib/rules.js";
import { SeriesBuffer } from "../charts/series_buffer.js";
import { TimeTravel } from "../past/time_travel.js";

const config = readJSON("config");
const byId = (id) => document.getElementById(id);
const windows = [...document.querySelectorAll("[data-window]")];

const buffer = new SeriesBuffer({ interval: config.interval });
const regions = new AlertRegions({ urlOf: (alert) => alertURL(byId("active-alerts").dataset.alertsUrl, alert) });
const rules = new RulesInForce(config, { onChange: () => (drawCharts(), draw()) });
const cards = new Cards(byId("cards"), rules);
const view = new ChartView();
const place = new LivePlace(view, { travel: () => travel, pausedAt: () => paused?.series.last?.timestamp ?? null, onChange: showView });
const drawing = {
    view,
    rules,
    spansOf: (metric) => travel.spansOf(metric, regions.of(metric)),
    marks: () => travel.marks,
    momentURL: (at) => momentURL(location.pathname, at),
    follow: (url) => place.open(url),
    onZoom: (start, end) => place.zoom(start, end),
    onReset: () => place.reset(),
};
const charts = new LiveCharts(byId("charts"), drawing);
const ownGauges = new OwnGauges(byId("own-gauges"), { interval: config.interval, ...drawing });
const alerts = new AlertsList(byId("active-alerts"), { mayAnswer: Boolean(byId("answer-dialog")), liveURL: config.history ? location.pathname : "" });
startAnswers({ onDone: () => attention.ask() });
const cost = new CostPanel(byId("cost"), byId("stretched"), config.interval);
const nodes = new NodesTable(byId("nodes"));
const clients = new ClientsTable(byId("clients"), {
    thresholds: config.thresholds,
    clientURL: clientURL(config),
    onView: (view) => (travel.isPast ? travel.askAgain() : feed.setView(view)),
});
const travel = new TimeTravel(byId("timeline"), {
    urls: byId("timeline").dataset,
    keepsHistory: config.history,
    buffer,
    interval: config.interval,
    view: () => clients.view,
    windowSeconds: () => view.reach(travel.player.at ?? travel.now),
    zoomEnd: () => view.zoom?.to ?? null,
    onTurn: turn,
    onChange: draw,
});

let latest = null;
let pausedAt = null;
let paused = null; // what was known at that moment: {series, gauges}
let isDrawing = false;
let hasDrawn = false;

const feed = openFeed(config, {
    view: clients.view,
    onHistory(message) {
        if (message.restamped) buffer.clear();
        buffer.addHistory(message);
        ownGauges.addHistory(message);
        if (config.history && message.samples.length) travel.fill(message.samples[0].timestamp);
        draw();
    },
    onFrame(frame) {
        buffer.add({ ...frame, live: true });
        ownGauges.addFrame(frame);
        regions.update(frame.alerts, frame.timestamp, frame.interval);
        latest = frame;
        rules.take(frame);
        travel.tick(frame);
        if (travel.isPast) return;
        draw();
    },
});
if (config.history) place.follow();
showView();

/** Draws at most once per animation frame, and never while paused or in a hidden tab. */
function draw() {
    if (pausedAt !== null) setText(byId("behind"), gettext("paused, %(time)s behind", { time: duration((performance.now() - pausedAt) / 1000) }));
    if (isDrawing || pausedAt !== null || document.hidden) return;
    isDrawing = true;
    requestAnimationFrame(() => {
        isDrawing = false;
        if (pausedAt !== null) return;
        place.settle();
        const series = travel.isPast ? travel.series : buffer;
        const frame = travel.isPast ? travel.frame : latest;
        if (frame) show(frame, series);
        // The history has the cards' numbers; the first frame may come an interval later.
        else if (!travel.isPast && buffer.last) cards.show(buffer.last, buffer);
        drawCharts();
    });
}

/** Draws the past, what a pause holds, or the present, if anything is known: the first numbers do not wait for empty charts. */
function drawCharts() {
    hasDrawn ||= travel.isPast || buffer.last !== null;
    if (!hasDrawn) return;
    charts.draw(travel.isPast ? travel.series : (paused?.series ?? buffer));
    if (!travel.isPast) ownGauges.draw(paused?.gauges);
}

/** Switches to the past or back to the present. Frames that arrive meanwhile are still recorded. */
function turn(isPast) {
    if (pausedAt !== null) togglePause();
    clients.turn(isPast);
    for (const id of ["pause", "to-live"]) byId(id).hidden = isPast === (id === "pause");
}

function show(frame, series) {
    cards.show(frame, series);
    alerts.show(frame);
    cost.show(frame);
    nodes.show(frame);
    clients.show(frame);
    const { server, system } = frame;
    setText(byId("host"), system.host ? gettext("on %(host)s", { host: system.host }) : "");
    setText(byId("uptime"), duration(server.uptime_seconds));
    setText(byId("total-messages"), count(server.total_messages));
    setText(byId("viewers"), count(server.viewers));
    setText(byId("errors"), count(server.errors));
}

function togglePause() {
    pausedAt = pausedAt === null ? performance.now() : null;
    paused = pausedAt === null ? null : { series: buffer.copy(), gauges: ownGauges.buffer.copy() };
    const button = byId("pause");
    button.setAttribute("aria-pressed", String(pausedAt !== null));
    setIcon(button.firstElementChild, pausedAt === null ? "pause" : "play");
    setText(button.lastElementChild, pausedAt === null ? gettext("Pause") : gettext("Resume"));
    setText(byId("behind"), pausedAt === null ? "" : gettext("paused"));
    if (pausedAt === null) draw();
    else drawCharts();
}

/** The charts are to show another stretch: at once, also while paused, when they show more or less of what was there then. */
function showView() {
    for (const button of windows) setAttribute(button, "aria-pressed", String(!view.isZoomed && Number(button.dataset.window) === view.seconds));
    byId("zoom-reset").hidden = !view.isZoomed;
    charts.clearSelection();
    ownGauges.clearSelection();
    travel.look();
    drawCharts();
}

for (const [index, button] of windows.entries()) {
    const choose = () => place.choose(Number(button.dataset.window));
    button.addEventListener("click", choose);
    onKey(String(index + 1), choose);
}
byId("zoom-reset").addEventListener("click", () => place.reset());
onKey("Escape", () => place.reset(), () => view.isZoomed);
byId("pause").addEventListener("click", togglePause);
byId("to-live").addEventListener("click", () => travel.player.backToLive());
onKey(" ", () => (travel.isPast ? travel.player.toggle() : togglePause()));
onKey("ArrowLeft", ({ shiftKey }) => travel.step(shiftKey ? -10 : -1), () => travel.isPast);
onKey("ArrowRight", ({ shiftKey }) => travel.step(shiftKey ? 10 : 1), () => travel.isPast);
onKey("l", () => travel.player.backToLive(), () => travel.isPast);
onKey("/", () => byId("client-search").focus());

const fps = new FPSCounter();
const FPS_EVERY_MS = 30_000;
const FPS_FOR_MS = 1_000;

/** Counts the frames of one second in thirty: as long as it counts, the browser draws sixty times a second. */
function measureFPS() {
    if (document.hidden) return;
    fps.setHidden(false);
    const started = performance.now();
    const step = (now) => {
        fps.recordFrame(now);
        if (now - started < FPS_FOR_MS) requestAnimationFrame(step);
        else if (!document.hidden) setText(byId("page-fps"), `${fps.getFPS().toFixed(0)} FPS`);
    };
    requestAnimationFrame(step);
}

measureFPS();
setInterval(measureFPS, FPS_EVERY_MS);
document.addEventListener("visibilitychange", () => {
    fps.setHidden(document.hidden);
    travel.player.setHidden(document.hidden);
    draw();
});
