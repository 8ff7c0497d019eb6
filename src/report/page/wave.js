// The sound of the whole clip, with the cursor, the window of the traces and the worst seconds.

function drawWave(clip, time, span, worst) {
  const { context, width, height } = sharp(byId("wave"));
  const x = (t) => (t / clip.seconds) * width;
  context.fillStyle = cssColourOnce("--worst-back");
  for (const second of worst) {
    context.fillRect(x(second.begin_s), 0, Math.max(2, x(second.begin_s + 1) - x(second.begin_s)), height);
  }
  if (span > 0 && span < clip.seconds) {
    const from = windowStart(clip, time, span);
    context.fillStyle = cssColourOnce("--window");
    context.fillRect(x(from), 0, x(from + span) - x(from), height);
  }
  const bars = (name) => layer(byId("wave"), `${clip.id} ${cssColourOnce(name)}`, (c) => drawBars(c, clip, width, height, name));
  paste(byId("wave"), bars("--wave-past"), 0, x(time));
  paste(byId("wave"), bars("--wave"), x(time));
  context.fillStyle = cssColourOnce("--cursor");
  context.fillRect(x(time) - 1, 0, 2, height);
}

function drawBars(context, clip, width, height, colour) {
  const bins = clip.peaks.length / 2;
  const loudest = Math.max(8, ...clip.peaks.map(Math.abs));
  const columns = Math.min(bins, Math.floor(width / 2));
  context.fillStyle = cssColourOnce(colour);
  for (let i = 0; i < columns; ++i) {
    const a = Math.floor((i * bins) / columns);
    const b = Math.max(a + 1, Math.floor(((i + 1) * bins) / columns));
    let peak = 0;
    for (let k = a; k < b; ++k) peak = Math.max(peak, -clip.peaks[2 * k], clip.peaks[2 * k + 1]);
    const h = Math.max(1, (peak / loudest) * (height - 10));
    context.fillRect(((i + 0.5) / columns) * width - 0.6, (height - h) / 2, 1.3, h);
  }
}

// Colours are asked for a thousand times a frame: once a theme is enough.
const colours = new Map();
function cssColourOnce(name) {
  if (!colours.has(name)) colours.set(name, cssColour(name));
  return colours.get(name);
}

// The window follows the cursor and stops at the clip's ends.
function windowStart(clip, time, span) {
  return Math.min(Math.max(0, time - span / 2), Math.max(0, clip.seconds - span));
}
