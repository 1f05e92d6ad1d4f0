// Draws one avatar: a bust whose features slide across the head as it turns, so that a flat drawing looks round.

const SKINS = [[28, 62, 84], [26, 55, 76], [24, 46, 66], [22, 42, 54], [20, 40, 43], [32, 70, 88]];
const HAIRS = [[24, 35, 22], [220, 14, 17], [36, 52, 44], [14, 52, 33], [0, 0, 62]];
const TURN = 0.17;
const NOD = 0.13;

/** `look` comes from Actor.lookAt(); `x` and `y` are the head's centre, `radius` its size in pixels. */
export function drawFace(ctx, look, x, y, radius) {
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(radius, radius);
    drawBust(ctx, look);
    ctx.rotate(look.gaze_x * 0.05);
    ctx.translate(look.gaze_x * 0.04, look.gaze_y * 0.03);
    drawHead(ctx, look);
    ctx.translate(look.gaze_x * TURN, look.gaze_y * NOD);
    drawCheeks(ctx, look);
    drawEye(ctx, look, -1);
    drawEye(ctx, look, 1);
    drawNose(ctx, look);
    drawMouth(ctx, look);
    ctx.restore();
}

function cloth(look, lightness) {
    return `hsl(${look.hue} 56% ${lightness}%)`;
}

function skin(look, lighter = 0, alpha = 1) {
    const [hue, saturation, lightness] = SKINS[look.hue % SKINS.length];
    return `hsl(${hue} ${saturation}% ${lightness + lighter}% / ${alpha})`;
}

// Some avatars have hair in the colour of their clothes.
function hair(look, lighter = 0) {
    const [hue, saturation, lightness] = HAIRS[(look.hue >> 2) % (HAIRS.length + 1)] ?? [look.hue, 45, 36];
    return `hsl(${hue} ${saturation}% ${lightness + lighter}%)`;
}

function ellipse(ctx, x, y, width, height, fill, angle = 0) {
    ctx.beginPath();
    ctx.ellipse(x, y, Math.max(0, width), Math.max(0, height), angle, 0, Math.PI * 2);
    ctx.fillStyle = fill;
    ctx.fill();
}

function drawBust(ctx, look) {
    ellipse(ctx, 0, 1.74, 1.05, 0.12, "rgb(20 30 60 / 16%)");
    const shirt = ctx.createLinearGradient(0, 0.9, 0, 1.75);
    shirt.addColorStop(0, cloth(look, 56));
    shirt.addColorStop(1, cloth(look, 43));
    ctx.beginPath();
    ctx.moveTo(-0.95, 1.72);
    ctx.bezierCurveTo(-0.95, 1.2, -0.62, 1.02, -0.24, 0.96);
    ctx.lineTo(0.24, 0.96);
    ctx.bezierCurveTo(0.62, 1.02, 0.95, 1.2, 0.95, 1.72);
    ctx.closePath();
    ctx.fillStyle = shirt;
    ctx.fill();
    ctx.fillStyle = skin(look, -9);
    ctx.beginPath();
    ctx.roundRect(-0.24, 0.72, 0.48, 0.42, 0.2);
    ctx.fill();
}

function drawHead(ctx, look) {
    for (const side of [-1, 1]) ellipse(ctx, side * 0.86 - look.gaze_x * 0.08, 0.08, 0.15, 0.21, skin(look, -7));
    const light = ctx.createRadialGradient(-0.3 + look.gaze_x * 0.2, -0.3 + look.gaze_y * 0.2, 0.1, 0, 0, 1.15);
    light.addColorStop(0, skin(look, 6));
    light.addColorStop(0.6, skin(look));
    light.addColorStop(1, skin(look, -8));
    ellipse(ctx, 0, 0, 0.86, 0.95, light);
    drawHair(ctx, look);
}

function drawHair(ctx, look) {
    const shift = look.gaze_x * 0.1;
    ctx.beginPath();
    ctx.moveTo(-0.89, 0.02);
    ctx.bezierCurveTo(-1.0, -0.75, -0.5, -1.14, 0.05, -1.12);
    ctx.bezierCurveTo(0.62, -1.12, 1.0, -0.7, 0.89, 0.02);
    ctx.bezierCurveTo(0.8, -0.3, 0.62 + shift, -0.46, 0.4 + shift, -0.56 + look.gaze_y * 0.06);
    ctx.bezierCurveTo(0.1 + shift, -0.44, -0.42 + shift, -0.46, -0.6 + shift, -0.5 + look.gaze_y * 0.06);
    ctx.bezierCurveTo(-0.78, -0.36, -0.85, -0.2, -0.89, 0.02);
    ctx.closePath();
    const shine = ctx.createLinearGradient(0, -1.1, 0, 0);
    shine.addColorStop(0, hair(look, 10));
    shine.addColorStop(1, hair(look));
    ctx.fillStyle = shine;
    ctx.fill();
}

function drawCheeks(ctx, look) {
    const warmth = 0.14 + 0.2 * Math.max(0, look.mood.smile);
    for (const side of [-1, 1]) ellipse(ctx, side * 0.5, 0.27, 0.17, 0.11, `hsl(8 85% 62% / ${warmth})`);
}

function drawEye(ctx, look, side) {
    // The eye on the far side of a turned head looks narrower.
    const width = 0.185 * (1 - Math.max(0, side * look.gaze_x) * 0.18);
    const open = Math.max(0.02, look.mood.eyes * (1 - look.lid));
    const height = 0.235 * open;
    const x = side * 0.34;
    ctx.save();
    ctx.beginPath();
    ctx.ellipse(x, -0.02, width, height, 0, 0, Math.PI * 2);
    ctx.fillStyle = "#fff";
    ctx.fill();
    ctx.clip();
    const pupilX = x + look.gaze_x * 0.075;
    const pupilY = -0.02 + look.gaze_y * 0.08;
    ellipse(ctx, pupilX, pupilY, 0.122, 0.14, cloth(look, 34));
    ellipse(ctx, pupilX, pupilY, 0.072, 0.085, "#151a24");
    ellipse(ctx, pupilX - 0.04, pupilY - 0.055, 0.035, 0.04, "#fff");
    ctx.restore();
    ctx.strokeStyle = "#3a2a26";
    ctx.lineCap = "round";
    ctx.lineWidth = 0.035;
    ctx.beginPath();
    ctx.ellipse(x, -0.02, width, height, 0, Math.PI, Math.PI * 2);
    ctx.stroke();
    drawBrow(ctx, look, side, x);
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

function drawMouth(ctx, look) {
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
        ctx.save();
        ctx.clip(lips);
        ellipse(ctx, 0, lower + 0.02, half * 0.62, 0.12, "#e2707c");
        ctx.restore();
    }
    ctx.strokeStyle = "#6b2a35";
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.lineWidth = 0.05;
    ctx.stroke(lips);
}
