// One avatar on the stage, one's own or another: its pose at any moment, interpolated between the received ones. Pure.

import { blended, EXPRESSIONS, isExpression } from "./expression.js";
import { firstPose, hueOf, mixed, readPose } from "./pose.js";
import { Speech } from "./speech.js";

const SHORTEST_MS = 60;
const LONGEST_MS = 600;
const MOOD_MS = 90;
const LID_MS = 45;

export class Actor {
    constructor(clientId) {
        this.clientId = clientId;
        this.hue = hueOf(clientId);
        this.from = this.to = firstPose(clientId);
        this.toldAt = null;
        this.duration = SHORTEST_MS;
        this.expression = "neutral";
        this.mood = { ...EXPRESSIONS.neutral };
        this.lid = 0;
        this.speech = null;
        this.drawnAt = null;
    }

    /** Takes a pose that another avatar sent. It is reached in the time that passed since the last one. */
    tell(message, now) {
        this.from = this.poseAt(now);
        this.to = readPose(message, this.to);
        const since = this.toldAt === null ? SHORTEST_MS : now - this.toldAt;
        this.duration = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, since));
        this.toldAt = now;
    }

    /** Sets one's own pose at once. */
    set(pose) {
        this.from = this.to = pose;
    }

    show(expression) {
        if (isExpression(expression)) this.expression = expression;
    }

    say(text, now) {
        this.speech = new Speech(text, now);
    }

    poseAt(now) {
        if (this.toldAt === null) return this.to;
        return mixed(this.from, this.to, Math.min(1, (now - this.toldAt) / this.duration));
    }

    /** Everything that the drawing needs at `now`. Mood and eyelids change smoothly. */
    lookAt(now) {
        const elapsed = this.drawnAt === null ? 1000 : now - this.drawnAt;
        this.drawnAt = now;
        const pose = this.poseAt(now);
        this.mood = blended(this.mood, this.expression, 1 - Math.exp(-elapsed / MOOD_MS));
        this.lid += ((pose.blink ? 1 : 0) - this.lid) * (1 - Math.exp(-elapsed / LID_MS));
        if (this.speech?.isOver(now)) this.speech = null;
        const mouth = Math.max(pose.mouth, this.speech?.mouthAt(now) ?? 0);
        return { ...pose, mouth, lid: this.lid, mood: this.mood, hue: this.hue, text: this.speech?.text ?? "" };
    }
}
