// The other avatars in the room, kept up to date by relayed messages. Pure.

import { Actor } from "./actor.js";

const MOST_TEXT = 500;

export class Room {
    constructor() {
        this.actors = new Map();
    }

    clear() {
        this.actors.clear();
    }

    /** Applies a message. Returns whether somebody joined or left. */
    apply(message, now) {
        const { type, client_id: clientId } = message;
        if (typeof clientId !== "string") return false;
        if (type === "left") return this.actors.delete(clientId);
        if (!["joined", "pose", "expression", "say"].includes(type)) return false;
        const isNew = !this.actors.has(clientId);
        if (isNew) this.actors.set(clientId, new Actor(clientId));
        const actor = this.actors.get(clientId);
        if (type === "pose") actor.tell(message, now);
        else if (type === "expression") actor.show(message.name);
        else if (type === "say") actor.say(String(message.text).slice(0, MOST_TEXT), now);
        return isNew;
    }
}
