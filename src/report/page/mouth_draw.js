// Draws the outlines of mouth_shape.js: clay skin, a dark cavity with teeth and tongue, lips with
// volume. Light comes from above.

const kInk = {
  skin: ["#dcc6b6", "#cdb29f", "#b6977f"],
  shade: "84,52,38",
  light: "255,246,238",
  cavity: ["#4a1a1c", "#1d0809"],
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

// What does not move: the skin, the cheeks that turn away from the light, the nose.
function face(context, box) {
  context.fillStyle = vertical(context, box.top, box.bottom, kInk.skin);
  context.fillRect(box.left, box.top, box.width, box.bottom - box.top);
  glow(context, box.left, 40, 165, 280, kInk.shade, 0.34);
  glow(context, box.left + box.width, 40, 165, 280, kInk.shade, 0.34);
  glow(context, 0, -112, 76, 30, kInk.shade, 0.3);
  for (const way of [-1, 1]) {
    glow(context, way * 23, -108, 15, 8, kInk.shade, 0.7);
    glow(context, way * 52, -112, 16, 22, kInk.shade, 0.22);
  }
}

// What the mouth moves of the skin around it.
function skin(context, s) {
  groove(context, s);
  for (const [end, way, smile] of [[s.rightEnd, 1, s.smile.left], [s.leftEnd, -1, s.smile.right]]) {
    glow(context, end.x + way * 2, end.y + 2, 16, 15, kInk.shade, 0.28 + 0.12 * smile);
    if (s.puff > 0.02) glow(context, end.x + way * 56, end.y - 4, 66, 80, kInk.light, 0.42 * s.puff);
    if (smile > 0.02) foldLine(context, end, way, smile);
  }
  chin(context, s);
  // The rim of the upper lip catches the light.
  context.lineWidth = 4.5;
  context.lineCap = "round";
  context.strokeStyle = `rgba(${kInk.light},0.15)`;
  context.beginPath();
  through(context, s.upperOuter.slice(2, 7).map((p) => ({ x: p.x, y: p.y - 3 })), true);
  context.stroke();
}

// The groove from the nose down to the lip.
function groove(context, s) {
  const lip = s.upperOuter[kMiddle].y;
  const middle = (lip - 92) / 2;
  const half = Math.max(10, (lip + 92) / 2);
  const x = s.middle * 0.6;
  glow(context, x, middle, 10, half, kInk.shade, 0.22);
  for (const way of [-1, 1]) glow(context, x + way * 14, middle, 8, half * 0.9, kInk.light, 0.2);
}

// The hollow under the lower lip, the chin's boss, and the jaw's edge; they go down with the jaw.
function chin(context, s) {
  const lip = s.lowerOuter[kMiddle];
  const boss = Math.max(lip.y + 46, 104 + s.jaw.y * 0.86) - s.chinUp;
  glow(context, lip.x, lip.y + 12, 70, 20, kInk.shade, 0.4);
  glow(context, s.jaw.x, boss, 74, 34, kInk.light, 0.32);
  glow(context, s.jaw.x - 34, boss + 36, 110, 26, kInk.shade, 0.2);
  glow(context, s.jaw.x + 34, boss + 36, 110, 26, kInk.shade, 0.2);
}

// The fold from the nose past a smiling corner.
function foldLine(context, end, way, smile) {
  context.save();
  context.lineCap = "round";
  for (const [width, alpha] of [[16, 0.045], [9, 0.05], [4, 0.05]]) {
    context.lineWidth = width;
    context.strokeStyle = `rgba(${kInk.shade},${alpha * Math.min(1, smile * 1.4)})`;
    context.beginPath();
    context.moveTo(way * 64, -84);
    context.quadraticCurveTo((way * 64 + end.x) / 2 + way * 16, (end.y - 84) / 2 - 2, end.x + way * 15, end.y + 12);
    context.stroke();
  }
  context.restore();
}

// A row of teeth from the middle outwards. edge is the biting edge's y, root the gum's; the arch
// turns away to the sides, where teeth are darker and, above, end higher.
function teeth(context, x, edge, root, widths) {
  const upper = root < edge;
  const ends = [];
  let at = 0;
  for (const width of widths) ends.push((at += width));
  const rise = (u) => (upper ? -1 : 1) * 7 * (u / at) ** 2;  // the arch, seen from the front
  const fill = context.createLinearGradient(x - at, 0, x + at, 0);
  for (const [stop, colour] of [[0, "#6d5548"], [0.2, "#b9a692"], [0.42, "#f3ebdf"], [0.58, "#f3ebdf"], [0.8, "#b9a692"], [1, "#6d5548"]]) {
    fill.addColorStop(stop, colour);
  }
  context.fillStyle = fill;
  for (const way of [-1, 1]) {
    widths.forEach((width, i) => {
      const inner = x + way * (ends[i] - width);
      const outer = x + way * ends[i];
      const y = edge + rise(ends[i] - width / 2) + (i === 1 ? (upper ? -2 : 1) : 0);
      const r = Math.min(5, width * 0.34);
      const top = Math.min(root, y);
      context.beginPath();
      context.roundRect(Math.min(inner, outer) - 0.2, top, width + 0.4, Math.abs(root - y), upper ? [0, 0, r, r] : [r, r, 0, 0]);
      context.fill();
    });
  }
  context.strokeStyle = "rgba(84,56,44,0.28)";
  context.lineWidth = 0.9;
  context.beginPath();
  for (const u of [0, ...ends.slice(0, -1)]) {
    for (const way of u === 0 ? [1] : [-1, 1]) {
      context.moveTo(x + way * u, root);
      context.lineTo(x + way * u, edge + rise(u) - (upper ? 2 : -2));
    }
  }
  context.stroke();
}

function cavity(context, s, box) {
  ring(context, s.upperInner, s.lowerInner);
  context.save();
  context.clip();
  const top = s.upperInner[kMiddle].y;
  const low = s.lowerInner[kMiddle].y;
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
  teeth(context, s.jaw.x, s.jaw.y * 0.94 - 4, s.jaw.y + 44, [10.5, 11.5, 12, 11, 10, 9]);
  if (s.tongue > 0.02) tongueOut(context, s);
  teeth(context, 0, 12, -40, [17, 13.5, 13, 11, 10, 9]);
  // The lips' shadows on what is behind them; lips pushed forward leave it in the dark.
  context.fillStyle = `rgba(30,8,8,${0.5 * Math.min(1, s.round)})`;
  context.fillRect(box.left, box.top, box.width, box.bottom - box.top);
  const shade = context.createLinearGradient(0, top - 2, 0, top + 17);
  shade.addColorStop(0, "rgba(30,8,8,0.62)");
  shade.addColorStop(1, "rgba(30,8,8,0)");
  context.fillStyle = shade;
  context.fillRect(box.left, top - 30, box.width, 47);
  for (const end of [s.leftEnd, s.rightEnd]) glow(context, end.x, end.y, 46, 60, "22,6,6", 0.85);
  context.restore();
}

// A tongue that is put out: drawn inside the cavity, where the upper lip and teeth hide its root, and
// once more over the lower lip.
function tongueOut(context, s) {
  const root = s.upperInner[kMiddle].y - 4;
  const tip = mix(s.lowerInner[kMiddle].y, s.lowerOuter[kMiddle].y + 36, s.tongue);
  const x = s.jaw.x;
  context.fillStyle = vertical(context, root, tip, [kInk.tongue[1], kInk.tongue[0], kInk.tongue[0]]);
  context.beginPath();
  context.moveTo(x - 30, root);
  context.bezierCurveTo(x - 44, mix(root, tip, 0.45), x - 44, tip, x, tip);
  context.bezierCurveTo(x + 44, tip, x + 44, mix(root, tip, 0.45), x + 30, root);
  context.closePath();
  context.fill();
  context.strokeStyle = "rgba(70,20,24,0.28)";
  context.lineWidth = 2.4;
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(x, root);
  context.quadraticCurveTo(x + 1, mix(root, tip, 0.5), x, tip - 22);
  context.stroke();
  glow(context, x, tip - 13, 26, 11, kInk.light, 0.3);
}

function tongueOverLip(context, s, box) {
  context.save();
  context.beginPath();
  through(context, s.lowerInner.map((p) => ({ x: p.x, y: p.y - 2.5 })), true);
  context.lineTo(box.left + box.width, box.bottom);
  context.lineTo(box.left, box.bottom);
  context.closePath();
  context.clip();
  tongueOut(context, s);
  context.restore();
}

function lips(context, s) {
  const topMost = Math.min(...s.upperOuter.map((p) => p.y));
  ring(context, s.upperOuter, s.upperInner);
  context.fillStyle = vertical(context, topMost, s.upperInner[kMiddle].y, kInk.upper);
  context.fill();
  ring(context, s.lowerInner, s.lowerOuter);
  const low = s.lowerOuter[kMiddle];
  const inner = s.lowerInner[kMiddle];
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
  const up = s.upperInner[kMiddle].y - topMost;
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

// channels: ARKit's by name, 0 … 1. The canvas shows the face from the nose's tip to the chin.
function drawMouth(canvas, channels) {
  const { context, width, height } = sharp(canvas);
  const top = -122;
  const scale = Math.min(width / 330, height / 318);
  const box = { left: -width / 2 / scale, width: width / scale, top, bottom: height / scale + top };
  context.save();
  context.translate(width / 2, -top * scale);
  context.scale(scale, scale);
  paste(canvas, layer(canvas, "face", (c) => face(c, box)));
  const s = mouthShape(channels);
  skin(context, s);
  cavity(context, s, box);
  lips(context, s);
  if (s.tongue > 0.02) tongueOverLip(context, s, box);
  context.restore();
}
