// The parts of an avatar that do not move within the face: bust, head and hair, in a context in which the head's radius is 1.

const SKINS = [[28, 62, 84], [26, 55, 76], [24, 46, 66], [22, 42, 54], [20, 40, 43], [32, 70, 88]];
const HAIRS = [[24, 35, 22], [220, 14, 17], [36, 52, 44], [14, 52, 33], [0, 0, 62]];

export function cloth(look, lightness) {
    return `hsl(${look.hue} 56% ${lightness}%)`;
}

export function skin(look, lighter = 0, alpha = 1) {
    const [hue, saturation, lightness] = SKINS[look.hue % SKINS.length];
    return `hsl(${hue} ${saturation}% ${lightness + lighter}% / ${alpha})`;
}

// Some avatars have hair in the colour of their clothes.
function hair(look, lighter = 0) {
    const [hue, saturation, lightness] = HAIRS[(look.hue >> 2) % (HAIRS.length + 1)] ?? [look.hue, 45, 36];
    return `hsl(${hue} ${saturation}% ${lightness + lighter}%)`;
}

export function ellipse(ctx, x, y, width, height, fill, angle = 0) {
    ctx.beginPath();
    ctx.ellipse(x, y, Math.max(0, width), Math.max(0, height), angle, 0, Math.PI * 2);
    ctx.fillStyle = fill;
    ctx.fill();
}

export function drawBust(ctx, look) {
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

export function drawHead(ctx, look) {
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
