// Draws the outlines of mouth_shape.js: clay skin, a dark cavity with teeth and tongue, lips with
// volume. Light comes from above.

const kInk = {
  skin: ["#dcc6b6", "#cdb29f", "#b6977f"],
  shade: "84,52,38",
  light: "255,246,238",
  cavity: ["#4a1a1c", "#1d0809"],
  tooth: ["#f4ede1", "#d9cdbb"],
  tongue: ["#c9726f", "#96474a"],
  upper: ["#b9716a", "#a4564f", "#8b423f"],
  lower: ["#b0615a", "#c47c73", "#a9605a"],
  seam: "#5a2122",
};

// A smooth line through points (Catmull-Rom as Bézier pieces), appended to the path.
function through(context, points, start) {
  if (start) context.moveTo(points[0].x, points[0].y);
  for (let i = 0; i + 1 < points.length; ++i) {
    const before = points[Math.max(i - 1, 0)];
    const a = points[i];
    const b = points[i + 1];
    const after = points[Math.min(i + 2, points.length - 1)];
    context.bezierCurveTo(a.x + (b.x - before.x) / 6, a.y + (b.y - before.y) / 6,
      b.x - (after.x - a.x) / 6, b.y - (after.y - a.y) / 6, b.x, b.y);
  }
}

function ring(context, one, other) {
  context.beginPath();
  through(context, one, true);
  through(context, [...other].reverse(), false);
  context.closePath();
}

function vertical(context, y0, y1, colours) {
  const g = context.createLinearGradient(0, y0, 0, Math.max(y1, y0 + 0.01));
  colours.forEach((c, i) => g.addColorStop(i / (colours.length - 1), c));
  return g;
}

// A soft round patch of light or shade.
function glow(context, x, y, rx, ry, rgb, alpha) {
  context.save();
  context.translate(x, y);
  context.scale(rx, ry);
  const g = context.createRadialGradient(0, 0, 0, 0, 0, 1);
  g.addColorStop(0, `rgba(${rgb},${alpha})`);
  g.addColorStop(0.55, `rgba(${rgb},${alpha * 0.4})`);
  g.addColorStop(1, `rgba(${rgb},0)`);
  context.fillStyle = g;
  context.fillRect(-1, -1, 2, 2);
  context.restore();
}

function skin(context, s, box) {
  context.fillStyle = vertical(context, box.top, box.bottom, kInk.skin);
  context.fillRect(box.left, box.top, box.width, box.bottom - box.top);
  const chin = 150 + s.jaw.y * 0.86 - s.chinUp;
  // The cheeks turn away from the light.
  glow(context, box.left, 40, 150, 260, kInk.shade, 0.3);
  glow(context, box.left + box.width, 40, 150, 260, kInk.shade, 0.3);
  // Nose: its underside, two nostrils, the groove down to the lip.
  glow(context, 0, -118, 74, 34, kInk.shade, 0.3);
  glow(context, -24, -114, 15, 9, kInk.shade, 0.75);
  glow(context, 24, -114, 15, 9, kInk.shade, 0.75);
  const bowY = s.upperOuter[3].y;
  const groove = (bowY - 100) / 2;
  glow(context, s.middle * 0.6, groove, 11, Math.max(10, (bowY + 100) / 2), kInk.shade, 0.2);
  glow(context, s.middle * 0.6 - 15, groove, 8, 32, kInk.light, 0.2);
  glow(context, s.middle * 0.6 + 15, groove, 8, 32, kInk.light, 0.2);
  // Folds beside a smiling mouth, cheeks that are blown up.
  for (const [end, way, smile] of [[s.rightEnd, 1, s.smile.left], [s.leftEnd, -1, s.smile.right]]) {
    glow(context, end.x + way * 7, end.y + 1, 20, 17, kInk.shade, 0.34 + 0.2 * smile);
    if (smile > 0.02) foldLine(context, end, way, smile);
    if (s.puff > 0.02) glow(context, end.x + way * 52, end.y - 4, 62, 74, kInk.light, 0.4 * s.puff);
  }
  // Under the lower lip, and the chin's boss.
  const lip = s.lowerOuter[3];
  glow(context, lip.x, lip.y + 15, 66, 21, kInk.shade, 0.42);
  glow(context, s.jaw.x, chin, 62, 42, kInk.light, 0.4);
  glow(context, s.jaw.x, chin + 62, 130, 34, kInk.shade, 0.36);
  // The rims of the lips catch the light.
  context.lineWidth = 5;
  context.strokeStyle = `rgba(${kInk.light},0.22)`;
  context.beginPath();
  through(context, s.upperOuter.slice(1, 6).map((p) => ({ x: p.x, y: p.y - 3 })), true);
  context.stroke();
}

function foldLine(context, end, way, smile) {
  context.save();
  context.lineCap = "round";
  for (const [width, alpha] of [[11, 0.08], [6, 0.1], [2.5, 0.12]]) {
    context.lineWidth = width;
    context.strokeStyle = `rgba(${kInk.shade},${alpha * Math.min(1, smile * 1.6)})`;
    context.beginPath();
    context.moveTo(end.x + way * 2, end.y - 66);
    context.quadraticCurveTo(end.x + way * (34 + 8 * smile), end.y - 30, end.x + way * 28, end.y + 22);
    context.stroke();
  }
  context.restore();
}

// A row of teeth from the middle outwards, smaller to the sides; edge is the biting edge's y.
function teeth(context, x, edge, root, widths, towards) {
  for (const way of [-1, 1]) {
    let at = 0;
    widths.forEach((width, i) => {
      const near = x + way * at;
      at += width;
      const far = x + way * at;
      const bend = i * i * 0.9 * towards;
      const side = vertical(context, Math.min(root, edge), Math.max(root, edge),
        towards < 0 ? kInk.tooth.slice().reverse() : kInk.tooth);
      context.fillStyle = side;
      context.beginPath();
      const left = Math.min(near, far) + 0.45;
      const top = Math.min(root, edge - bend);
      const height = Math.abs(edge - bend - root);
      const r = Math.min(5, width * 0.36);
      context.roundRect(left, top, width - 0.9, height, towards > 0 ? [1, 1, r, r] : [r, r, 1, 1]);
      context.fill();
      context.fillStyle = `rgba(60,24,20,${Math.min(0.72, i * 0.13)})`;  // the arch turns away
      context.fill();
    });
  }
}

function cavity(context, s, box) {
  ring(context, s.upperInner, s.lowerInner);
  context.save();
  context.clip();
  const top = s.upperInner[3].y;
  const low = s.lowerInner[3].y;
  context.fillStyle = vertical(context, top, Math.max(low, top + 30), [...kInk.cavity].reverse());
  context.fillRect(box.left, box.top, box.width, box.bottom - box.top);
  // Tongue: rests behind the lower teeth, and lies flatter the wider the mouth.
  const floor = s.jaw.y + 12;
  const body = context.createRadialGradient(s.jaw.x, floor - 12, 4, s.jaw.x, floor + 12, 74);
  body.addColorStop(0, kInk.tongue[0]);
  body.addColorStop(1, kInk.tongue[1]);
  context.fillStyle = body;
  context.beginPath();
  context.ellipse(s.jaw.x, floor + 16, 58, 34 + 0.1 * s.jaw.y, 0, 0, 2 * Math.PI);
  context.fill();
  context.lineWidth = 2.2;
  context.strokeStyle = "rgba(70,20,24,0.35)";
  context.beginPath();
  context.moveTo(s.jaw.x, floor - 14 - 0.08 * s.jaw.y);
  context.lineTo(s.jaw.x, floor + 24);
  context.stroke();
  teeth(context, s.jaw.x, s.jaw.y - 5, s.jaw.y + 34, [10, 11, 12, 12, 12, 11], -1);
  teeth(context, 0, 11, -34, [17, 14, 14, 12, 12, 11], 1);
  // The lips' shadows on what is behind them.
  const shade = context.createLinearGradient(0, top - 2, 0, top + 17);
  shade.addColorStop(0, "rgba(30,8,8,0.62)");
  shade.addColorStop(1, "rgba(30,8,8,0)");
  context.fillStyle = shade;
  context.fillRect(box.left, top - 30, box.width, 47);
  for (const end of [s.leftEnd, s.rightEnd]) glow(context, end.x, end.y, 46, 60, "22,6,6", 0.85);
  context.restore();
}

function tongueOut(context, s) {
  if (s.tongue < 0.02) return;
  const top = s.upperInner[3].y + Math.min(8, s.opening * 0.4);
  const tip = mix(s.lowerInner[3].y, s.lowerOuter[3].y + 34, s.tongue);
  const half = 34;
  context.fillStyle = vertical(context, top, tip, [kInk.tongue[1], kInk.tongue[0], kInk.tongue[0]]);
  context.beginPath();
  context.roundRect(s.jaw.x - half, top, 2 * half, tip - top, [10, 10, half, half]);
  context.fill();
  context.strokeStyle = "rgba(70,20,24,0.3)";
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(s.jaw.x, top + 6);
  context.lineTo(s.jaw.x, tip - 16);
  context.stroke();
  glow(context, s.jaw.x, tip - 16, 26, 12, kInk.light, 0.28);
}

function lips(context, s) {
  const topMost = Math.min(...s.upperOuter.map((p) => p.y));
  ring(context, s.upperOuter, s.upperInner);
  context.fillStyle = vertical(context, topMost, s.upperInner[3].y, kInk.upper);
  context.fill();
  ring(context, s.lowerInner, s.lowerOuter);
  const low = s.lowerOuter[3];
  const inner = s.lowerInner[3];
  context.fillStyle = vertical(context, inner.y, low.y, kInk.lower);
  context.fill();
  // Light on the fullest part of the lower lip and, fainter, on both halves of the upper one.
  context.save();
  ring(context, s.lowerInner, s.lowerOuter);
  context.clip();
  const width = s.rightEnd.x - s.leftEnd.x;
  const thick = low.y - inner.y;
  for (const way of [-1, 1]) {
    glow(context, low.x + way * width * 0.13, inner.y + thick * 0.44, width * 0.2, thick * 0.46, kInk.light, 0.42);
  }
  glow(context, low.x, low.y + 2, width * 0.36, thick * 0.36, "90,30,30", 0.4);
  context.restore();
  context.save();
  ring(context, s.upperOuter, s.upperInner);
  context.clip();
  const up = s.upperInner[3].y - topMost;
  for (const way of [-1, 1]) {
    glow(context, s.middle + way * width * 0.16, topMost + up * 0.34, width * 0.17, up * 0.3, kInk.light, 0.24);
  }
  context.restore();
  seams(context, s);
}

// The dark line where lip meets lip or cavity, thinner towards the corners, and the lips' outlines.
function seams(context, s) {
  context.lineJoin = "round";
  context.lineCap = "round";
  context.strokeStyle = kInk.seam;
  context.globalAlpha = 0.85;
  context.lineWidth = s.opening < 4 ? 2.8 : 1.6;
  context.beginPath();
  through(context, s.upperInner, true);
  context.stroke();
  context.globalAlpha = 0.4;
  context.lineWidth = 1.4;
  context.beginPath();
  through(context, s.lowerInner, true);
  context.stroke();
  context.globalAlpha = 0.2;
  context.lineWidth = 1.2;
  for (const line of [s.upperOuter, s.lowerOuter]) {
    context.beginPath();
    through(context, line, true);
    context.stroke();
  }
  context.globalAlpha = 1;
}

// channels: ARKit's by name, 0 … 1. The whole canvas is the face around the mouth.
function drawMouth(canvas, channels) {
  const { context, width, height } = sharp(canvas);
  const scale = Math.min(width / 340, height / 360);
  const box = { left: -width / 2 / scale, width: width / scale, top: -150, bottom: height / scale - 150 };
  context.save();
  context.translate(width / 2, 150 * scale);
  context.scale(scale, scale);
  const s = mouthShape(channels);
  skin(context, s, box);
  cavity(context, s, box);
  lips(context, s);
  tongueOut(context, s);
  context.restore();
}
