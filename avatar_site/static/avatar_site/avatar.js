// The avatar page: the protocol's reference client.

import { Actor } from "./actor.js";
import { AvatarLink } from "./avatar_link.js";
import { Blinker } from "./blink.js";
import { chooseIdentity, recall, remember } from "./identity.js";
import { color, onThemeChange } from "../avatar_monitoring/lib/theme.js";
import { element, readJSON, setText, sized } from "../avatar_monitoring/lib/element.js";
import { FPSCounter } from "../avatar_monitoring/lib/fps_counter.js";
import { onKey } from "../avatar_monitoring/lib/keyboard.js";
import { Pointer } from "./pointer.js";
import { Room } from "./room.js";
import { showAlerts, showUnmeasured, updateClientList, updateFPS, updateLatency, updateServerMetrics, updateSystemMetrics } from "./hud.js";
import { showStatus } from "./status.js";
import { Stage } from "./stage.js";
import { hueOf } from "./pose.js";

const byId = (id) => document.getElementById(id);
const config = readJSON("config");
const canvas = byId("stage");
const fps = new FPSCounter();
const room = new Room();
const palette = {};
const stage = new Stage(canvas, {
    paper: () => (palette.paper ??= color("--surface-raised")),
    ink: () => (palette.ink ??= color("--text")),
});
onThemeChange(() => { palette.paper = palette.ink = undefined; });

let identity = chooseIdentity({ given: config.client_id, query: location.search, remembered: recall() });
let own = new Actor(identity.name);
const pointer = new Pointer(canvas, own.to);
const blinker = new Blinker(performance.now());
let link = null;
let reason = "";
let drawnAt = performance.now();

function join() {
    link?.close();
    room.clear();
    showPeople();
    const pose = own.to;
    own = new Actor(identity.name);
    own.set(pose);
    link = new AvatarLink(config, identity, {
        fps,
        pose: () => own.to,
        onMessage: receive,
        onLatency: updateLatency,
        onState: (state) => {
            showStatus(state, reason, identity.name);
            if (state.name !== "live") {
                room.clear();
                showPeople();
                updateLatency(null);
            }
        },
    });
}

function receive(message) {
    if (message.type === "metrics") showMetrics(message);
    else if (message.type === "welcome") {
        showPeople();
        if (own.expression !== "neutral") link.express(own.expression);
    } else if (message.type === "error") {
        reason = message.message;
        if (message.code === "disabled") showUnmeasured();
        else console.warn(`The server: ${message.code} ${message.message}`);
    } else if (room.apply(message, performance.now())) showPeople();
}

function showMetrics(data) {
    updateSystemMetrics(data.system);
    updateServerMetrics(data.server);
    updateClientList(data.clients);
    showAlerts(data.alerts ?? []);
}

function showPeople() {
    const names = [identity.name, ...[...room.actors.keys()].sort()];
    const lines = sized(byId("people"), names.length, () => element("li", {}, element("span", { class: "people__dot" }), element("bdi")));
    names.forEach((name, index) => {
        lines[index].firstElementChild.style.background = `hsl(${hueOf(name)} 55% 55%)`;
        setText(lines[index].lastElementChild, index === 0 ? `${name} (you)` : name);
    });
}

function animate(now) {
    requestAnimationFrame(animate);
    fps.recordFrame(now);
    const mouth = own.speech?.mouthAt(now) ?? 0;
    own.set({ ...pointer.follow(now - drawnAt), blink: blinker.isClosed(now), mouth });
    drawnAt = now;
    stage.draw(own, [...room.actors.values()], now);
}

function express(button) {
    own.show(button.dataset.expression);
    link.express(button.dataset.expression);
    for (const other of expressionButtons) other.setAttribute("aria-pressed", String(other === button));
}

function say(event) {
    event.preventDefault();
    const field = byId("say-text");
    const text = field.value.trim();
    if (text === "" || !link.say(text)) return;
    own.say(text, performance.now());
    if (byId("aloud").checked) speechSynthesis.speak(new SpeechSynthesisUtterance(text));
    field.value = "";
}

const expressionButtons = [...document.querySelectorAll("[data-expression]")];
for (const [index, button] of expressionButtons.entries()) {
    button.addEventListener("click", () => express(button));
    onKey(String(index + 1), () => express(button));
}
byId("name").value = identity.name;
byId("room").value = identity.room;
byId("aloud-label").hidden = !("speechSynthesis" in window);
byId("say-form").addEventListener("submit", say);
byId("join-form").addEventListener("submit", (event) => {
    event.preventDefault();
    identity = { name: byId("name").value, room: byId("room").value };
    remember(identity);
    join();
});
byId("banner-retry").addEventListener("click", () => link.takeOver());
setInterval(() => updateFPS(fps.getFPS(), fps.lowFPS), 500);
requestAnimationFrame(animate);
join();
