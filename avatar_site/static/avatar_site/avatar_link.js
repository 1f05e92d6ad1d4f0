// The avatar's side of the protocol: tickets, the room, and at most ten poses per second.

import { AvatarClient } from "../avatar_monitoring/lib/avatar_client.js";
import { changed, rounded } from "./pose.js";
import { forThisTab } from "../avatar_monitoring/lib/browser_store.js";
import { keepToken, keptToken } from "./identity.js";
import { socketURL, whyRefused } from "../avatar_monitoring/lib/socket.js";

const POSE_MS = 100;
const PING_SECONDS = 2;

export class AvatarLink {
    /** `onMessage(message)` gets the messages of the room and the server, `onLatency(ms)` each round trip. */
    constructor(config, identity, { fps, pose, onMessage, onState, onLatency }) {
        Object.assign(this, { config, identity, pose, onMessage });
        this.ticket = config.ticket;
        this.resume = keptToken(identity, forThisTab);
        this.sentPose = null;
        this.client = new AvatarClient({ url: () => this.#url(), counter: fps, pingSeconds: PING_SECONDS, whyRefused: () => whyRefused() });
        this.client.addEventListener("state", ({ detail }) => onState(detail));
        this.client.addEventListener("latency", ({ detail }) => onLatency(detail));
        this.client.addEventListener("message", ({ detail }) => this.#receive(detail));
        this.client.addEventListener("open", () => this.#opened());
        this.posing = setInterval(() => this.#sendPose(), POSE_MS);
        this.client.open();
    }

    say(text) {
        return this.client.send({ type: "say", text });
    }

    express(name) {
        return this.client.send({ type: "expression", name });
    }

    /** Connects at the reader's request, which also takes the place back from a connection that replaced this one, and returns after an operator has ended it. */
    takeOver() {
        if (["waiting", "replaced", "disconnected"].includes(this.client.state.name)) this.client.open();
    }

    close() {
        clearInterval(this.posing);
        this.client.destroy();
    }

    // A ticket is valid for a minute: the first attempt uses the page's, later ones fetch new ones.
    async #url() {
        const parameters = { client_id: this.identity.name, room: this.identity.room };
        // The token gives this page its place back while the server still holds it for the lost connection.
        if (this.resume) parameters.resume = this.resume;
        if (this.config.ticket_url) {
            parameters.ticket = this.ticket ?? (await freshTicket(this.config.ticket_url));
            this.ticket = null;
        }
        return socketURL(this.config.ws_path, parameters);
    }

    #opened() {
        this.sentPose = null;
        this.client.send({ type: "subscribe", channel: "metrics" });
    }

    #receive(message) {
        if (message.type === "welcome") {
            this.resume = message.resume;
            keepToken(this.identity, message.resume, forThisTab);
            // A server of an earlier release says nothing of its channels, and knows no list of rooms.
            if (message.channels?.includes("rooms")) this.client.send({ type: "subscribe", channel: "rooms" });
        }
        this.onMessage(message);
    }

    #sendPose() {
        const pose = this.pose();
        if (changed(this.sentPose, pose) && this.client.send({ type: "pose", ...rounded(pose) })) this.sentPose = pose;
    }
}

async function freshTicket(url) {
    const answer = await fetch(url, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) throw new Error(`no ticket: ${answer.status}`);
    return (await answer.json()).ticket;
}
