// The avatar's side of the protocol: tickets, pongs, at most ten poses per second, telemetry every five seconds.

import { changed, rounded } from "./pose.js";
import { keepToken, keptToken } from "./identity.js";
import { ReturningSocket, socketURL, whyRefused } from "../avatar_monitoring/lib/socket.js";

const POSE_MS = 100;
const PING_MS = 2000;
const TELEMETRY_MS = 5000;

export class AvatarLink {
    /** `onMessage(message)` gets the messages of the room and the server, `onLatency(ms)` each round trip. */
    constructor(config, identity, { fps, pose, onMessage, onState, onLatency }) {
        Object.assign(this, { config, identity, fps, pose, onMessage, onLatency });
        this.ticket = config.ticket;
        this.resume = keptToken(identity);
        this.sentPose = null;
        this.socket = new ReturningSocket({
            url: () => this.#url(),
            whyRefused: () => whyRefused(),
            onState,
            onOpen: () => this.#opened(),
            onMessage: (message) => this.#receive(message),
        });
        this.timers = [
            setInterval(() => this.#sendPose(), POSE_MS),
            setInterval(() => this.socket.send({ type: "ping", t: performance.now() }), PING_MS),
            setInterval(() => fps.hasReport && this.socket.send({ type: "telemetry", ...fps.report() }), TELEMETRY_MS),
        ];
        this.socket.open();
    }

    say(text) {
        return this.socket.send({ type: "say", text });
    }

    express(name) {
        return this.socket.send({ type: "expression", name });
    }

    retryNow() {
        this.socket.retryNow();
    }

    takeOver() {
        this.socket.takeOver();
    }

    close() {
        for (const timer of this.timers) clearInterval(timer);
        this.socket.close();
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
        this.socket.send({ type: "subscribe", channel: "metrics" });
        this.socket.send({ type: "ping", t: performance.now() });
    }

    #receive(message) {
        if (message.type === "ping") this.socket.send({ type: "pong", id: message.id });
        else if (message.type === "pong") this.onLatency(performance.now() - message.t);
        else {
            if (message.type === "welcome") {
                this.resume = message.resume;
                keepToken(this.identity, message.resume);
            }
            this.onMessage(message);
        }
    }

    #sendPose() {
        const pose = this.pose();
        if (changed(this.sentPose, pose) && this.socket.send({ type: "pose", ...rounded(pose) })) this.sentPose = pose;
    }
}

async function freshTicket(url) {
    const answer = await fetch(url, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) throw new Error(`no ticket: ${answer.status}`);
    return (await answer.json()).ticket;
}
