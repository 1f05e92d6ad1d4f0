// The avatar page: the protocol's reference client.

import { Actor } from "./actor.js";
import { AvatarLink } from "./avatar_link.js";
import { Blinker } from "./blink.js";
import { addressOf, chooseIdentity, isFirstVisit, recall, remember, wrongInAddress } from "./identity.js";
import { addSaid, showPeople, showRooms } from "./room_panel.js";
import { color, onThemeChange } from "../avatar_monitoring/lib/theme.js";
import { DrawingLevel } from "./drawing_level.js";
import { drawFaces, startFaces } from "./faces.js";
import { forGood } from "../avatar_monitoring/lib/browser_store.js";
import { FPSCounter } from "../avatar_monitoring/lib/fps_counter.js";
import { gettext } from "../avatar_monitoring/lib/translate.js";
import { hueOf } from "./pose.js";
import { onKey } from "../avatar_monitoring/lib/keyboard.js";
import { Pointer } from "./pointer.js";
import { readJSON, setText } from "../avatar_monitoring/lib/element.js";
import { Room } from "./room.js";
import { showIdentity, showWrong, startJoinForm } from "./join_form.js";
import { showAlerts, showDrawing, showUnmeasured, updateClientList, updateFPS, updateLatency, updateServerMetrics, updateSystemMetrics } from "./hud.js";
import { showStatus } from "./status.js";
import { Stage } from "./stage.js";

const byId = (id) => document.getElementById(id);
const config = readJSON("config");
const canvas = byId("stage");
const fps = new FPSCounter();
const drawing = new DrawingLevel();
const room = new Room();
const palette = {};
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const faceButtons = [...document.querySelectorAll("[data-expression]")];
const stage = new Stage(canvas, {
    colors: { paper: () => (palette.paper ??= color("--surface-raised")), ink: () => (palette.ink ??= color("--text")) },
    covers: () => ["hud", "say-form"].map((id) => within(byId(id), canvas)),
    isCalm: () => calm.matches,
});
onThemeChange(() => { palette.paper = palette.ink = undefined; });
new ResizeObserver(() => stage.measureCovers()).observe(byId("hud"));

let identity = chooseIdentity({ given: config.client_id, query: location.search, remembered: recall(forGood) });
let own = new Actor(identity.name);
const pointer = new Pointer(stage, own.to);
const blinker = new Blinker(performance.now());
let link = null;
let reason = "";
let told = null;
let shown = { drawn: 1, named: true };
let drawnAt = performance.now();
let frames = 0;

function within(node, around) {
    const box = node.getBoundingClientRect();
    const { left, top } = around.getBoundingClientRect();
    return { left: box.left - left, top: box.top - top, right: box.right - left, bottom: box.bottom - top };
}

function join() {
    link?.close();
    room.clear();
    told = null;
    const { expression, to } = own;
    own = new Actor(identity.name);
    own.set(to);
    own.show(expression);
    showIdentity(identity);
    setText(byId("room-link"), new URL(`?room=${encodeURIComponent(identity.room)}`, location.href).href);
    drawFaces(faceButtons, hueOf(identity.name));
    showRoom();
    link = new AvatarLink(config, identity, {
        fps,
        pose: () => own.to,
        onMessage: receive,
        onLatency: updateLatency,
        onState: (state) => {
            showStatus(state, reason, identity.name);
            if (state.name !== "live") updateLatency(null);
        },
    });
}

/** Another name or room; `isStep` if the reader may want to go back to this one. */
function become(next, isStep = true) {
    const isOther = next.room !== identity.room || next.name !== identity.name;
    identity = next;
    remember(identity, forGood);
    const address = addressOf(identity, location.search);
    if (isStep && isOther) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    join();
}

function receive(message) {
    if (message.type === "metrics") showMetrics(message);
    else if (message.type === "rooms") told = message;
    else if (message.type === "welcome") {
        // Everybody who is still there is introduced again.
        room.clear();
        if (own.expression !== "neutral") link.express(own.expression);
        greet();
    } else if (message.type === "error") {
        reason = message.message;
        if (message.code === "disabled") showUnmeasured();
        else console.warn(`The server: ${message.code} ${message.message}`);
        return;
    } else {
        if (message.type === "say" && typeof message.client_id === "string") addSaid(message.client_id, String(message.text));
        if (!room.apply(message, performance.now())) return;
    }
    if (message.type !== "metrics") showRoom();
}

let greeted = false;

/** The avatar's first sentence is for its own person only. */
function greet() {
    if (greeted) return;
    greeted = true;
    const text = isFirstVisit(forGood)
        ? gettext("Hello! I look where you point. Drag me, press 1 to %(faces)s to change my face, or type and I say it.", { faces: faceButtons.length })
        : gettext("Good to see you again. This is the room %(room)s.", { room: identity.room });
    own.say(text, performance.now());
    addSaid(identity.name, text);
}

function showMetrics(data) {
    updateSystemMetrics(data.system);
    updateServerMetrics(data.server);
    updateClientList(data.clients);
    showAlerts(data.alerts ?? []);
}

function showRoom() {
    showPeople(identity.name, room.actors.keys());
    showRooms(told, identity.room, room.actors.size + 1, (name) => become({ ...identity, room: name }));
}

function animate(now) {
    requestAnimationFrame(animate);
    frames += 1;
    if (frames % drawing.level.skips !== 0) {
        drawing.frame(now);
        return;
    }
    fps.recordFrame(now);
    const began = performance.now();
    const mouth = own.speech?.mouthAt(now) ?? 0;
    own.set({ ...pointer.follow(now - drawnAt), blink: !calm.matches && blinker.isClosed(now), mouth });
    drawnAt = now;
    shown = stage.draw(own, [...room.actors.values()], now, drawing.level);
    drawing.frame(now, performance.now() - began);
}

function say(event) {
    event.preventDefault();
    const field = byId("say-text");
    const text = field.value.trim();
    if (text === "" || !link.say(text)) return;
    own.say(text, performance.now());
    addSaid(identity.name, text);
    if (byId("aloud").checked) speechSynthesis.speak(new SpeechSynthesisUtterance(text));
    field.value = "";
}

startFaces(faceButtons, (name) => {
    own.show(name);
    link.express(name);
});
onKey("s", () => byId("say-text").focus());
byId("aloud-label").hidden = !("speechSynthesis" in window);
byId("say-form").addEventListener("submit", say);
startJoinForm((next) => become(next));
byId("banner-retry").addEventListener("click", () => link.takeOver());
addEventListener("popstate", () => become(chooseIdentity({ given: config.client_id, query: location.search, remembered: identity }), false));
setInterval(() => {
    if (document.hidden) return;
    updateFPS(fps.getFPS(), fps.lowFPS);
    showDrawing(drawing.level.name, shown, room.actors.size + 1);
}, 500);
updateLatency(null);
setText(byId("server"), gettext("Server: –"));
requestAnimationFrame(animate);
showWrong(wrongInAddress(location.search));
become(identity, false);
