// Draws one avatar: a bust whose features slide across the head as it turns, so that a flat drawing looks round.

import { cloth, drawBust, drawHead, ellipse, skin } from "./portrait.js";

const TURN = 0.17;
const NOD = 0.13;
const CLOSED = 0.14;

/**
 * `look` comes from Actor.lookAt(); `x` and `y` are the head's centre, `radius` its size in pixels. Without `shading` bust and head are
 * copied from their likenesses, which are made for a head of `pixels`, and without `details` the face consists of eyes, brows and mouth.
 */
export function drawFace(ctx, look, { x, y }, radius, { shading, details }, likenesses, pixels) {
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(radius, radius);
    if (shading) drawBust(ctx, look);
    else likenesses.bust(ctx, look, pixels);
    ctx.rotate(look.gaze_x * 0.05);
    ctx.translate(look.gaze_x * 0.04, look.gaze_y * 0.03);
    if (shading) drawHead(ctx, look);
    else likenesses.head(ctx, look, pixels);
    ctx.translate(look.gaze_x * TURN, look.gaze_y * NOD);
    if (details) drawCheeks(ctx, look);
    drawEye(ctx, look, -1, details);
    drawEye(ctx, look, 1, details);
    if (details) drawNose(ctx, look);
    drawMouth(ctx, look, details);
    ctx.restore();
}

function drawCheeks(ctx, look) {
    const warmth = 0.14 + 0.2 * Math.max(0, look.mood.smile);
    for (const side of [-1, 1]) ellipse(ctx, side * 0.5, 0.27, 0.17, 0.11, `hsl(8 85% 62% / ${warmth})`);
}

function drawEye(ctx, look, side, details) {
    // The eye on the far side of a turned head looks narrower.
    const width = 0.185 * (1 - Math.max(0, side * look.gaze_x) * 0.18);
    const open = look.mood.eyes * (1 - look.lid) * (side > 0 ? 1 - look.mood.wink : 1);
    const x = side * 0.34;
    ctx.strokeStyle = "#3a2a26";
    ctx.lineCap = "round";
    ctx.lineWidth = 0.05;
    if (open < CLOSED) drawClosedEye(ctx, look, x, width);
    else drawOpenEye(ctx, look, x, width, 0.235 * open, details);
    drawBrow(ctx, look, side, x);
}

/** A closed eye is an arc: upwards if the avatar is glad. */
function drawClosedEye(ctx, look, x, width) {
    const rise = 0.16 * Math.max(-0.6, Math.min(1, look.mood.smile));
    ctx.beginPath();
    ctx.moveTo(x - width, 0.02 + rise * 0.3);
    ctx.quadraticCurveTo(x, 0.02 - rise, x + width, 0.02 + rise * 0.3);
    ctx.stroke();
}

function drawOpenEye(ctx, look, x, width, height, details) {
    if (details) ctx.save();
    ctx.beginPath();
    ctx.ellipse(x, -0.02, width, height, 0, 0, Math.PI * 2);
    ctx.fillStyle = "#fff";
    ctx.fill();
    if (details) ctx.clip();
    const pupilX = x + look.gaze_x * 0.075;
    const pupilY = -0.02 + look.gaze_y * 0.08;
    if (!details) {
        ellipse(ctx, pupilX, pupilY, Math.min(0.11, width), Math.min(0.12, height), "#151a24");
        return;
    }
    ellipse(ctx, pupilX, pupilY, 0.122, 0.14, cloth(look, 34));
    ellipse(ctx, pupilX, pupilY, 0.072, 0.085, "#151a24");
    ellipse(ctx, pupilX - 0.04, pupilY - 0.055, 0.035, 0.04, "#fff");
    ctx.restore();
    ctx.lineWidth = 0.035;
    ctx.beginPath();
    ctx.ellipse(x, -0.02, width, height, 0, Math.PI, Math.PI * 2);
    ctx.stroke();
}

function drawBrow(ctx, look, side, x) {
    const y = -0.31 - look.mood.lift * 0.09;
    const slope = look.mood.tilt * 0.085;
    ctx.lineWidth = 0.062;
    ctx.beginPath();
    ctx.moveTo(x - side * 0.17, y + slope);
    ctx.quadraticCurveTo(x, y - 0.055, x + side * 0.18, y - slope + 0.02);
    ctx.stroke();
}

function drawNose(ctx, look) {
    ctx.strokeStyle = skin(look, -20, 0.8);
    ctx.lineWidth = 0.04;
    ctx.beginPath();
    ctx.arc(look.gaze_x * 0.05, 0.2, 0.07, 0.25, Math.PI - 0.25);
    ctx.stroke();
}

function drawMouth(ctx, look, details) {
    const { smile, round, open: moodOpen } = look.mood;
    const open = Math.min(1, Math.max(moodOpen, look.mouth));
    const half = (0.27 + 0.06 * Math.max(0, smile)) * (1 - 0.55 * round) * (1 - 0.18 * look.mouth);
    const corner = 0.49 - smile * 0.075;
    const upper = corner + smile * 0.26 * (1 - 0.6 * open) - round * 0.16 * open;
    const lower = corner + Math.max(0, smile) * 0.1 + open * 0.34;
    const lips = new Path2D();
    lips.moveTo(-half, corner);
    lips.quadraticCurveTo(0, upper, half, corner);
    if (open > 0.06) {
        lips.quadraticCurveTo(half * 0.7, lower, 0, lower);
        lips.quadraticCurveTo(-half * 0.7, lower, -half, corner);
        ctx.fillStyle = "#5b1f2b";
        ctx.fill(lips);
        if (details) {
            ctx.save();
            ctx.clip(lips);
            ellipse(ctx, 0, lower + 0.02, half * 0.62, 0.12, "#e2707c");
            ctx.restore();
        }
    }
    ctx.strokeStyle = "#6b2a35";
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.lineWidth = 0.05;
    ctx.stroke(lips);
}
