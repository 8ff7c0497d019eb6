// The time line that all lanes share, one under another: the sound's spectrogram, phones, how far off the
// prediction is, and below them the curves. A place along any of them is the same time.

// What part of the clip lanes show, and where a time is drawn.
function viewOf(clip, time, span) {
  const length = span > 0 ? Math.min(span, clip.seconds) : clip.seconds;
  const from = span > 0 ? windowStart(clip, time, length) : 0;
  return { from, length, time, x: (t, width) => ((t - from) / length) * width };
}

function drawCursor(context, view, width, height) {
  context.fillStyle = cssColourOnce("--cursor");
  context.fillRect(view.x(view.time, width) - 0.75, 0, 1.5, height);
}

// Lines at full seconds; none where they would be a wall.
function drawSeconds(context, view, width, height) {
  context.fillStyle = cssColourOnce("--grid");
  const every = [1, 5, 10, 30, 60, 300].find((s) => (s / view.length) * width > 14) ?? 600;
  for (let t = Math.ceil(view.from / every) * every; t < view.from + view.length; t += every) {
    context.fillRect(Math.round(view.x(t, width)), 0, 1, height);
  }
}

const hasPhones = () => DATA.clips.some((clip) => clip.phones?.length);
const hasErrors = () => DATA.tracks.length > 1;

// Name, what it is, and the lane itself.
const kLanes = [
  ["sound", "Sound", () => true, "the sound's spectrogram, 60 to 8000 Hz, over time"],
  ["phones", "Phones", hasPhones, "the phones that are spoken, over time"],
  ["error", "Error", hasErrors, "how far off the prediction is, over time"],
];

function layLanes() {
  byId("lanes").replaceChildren(...kLanes.filter(([, , has]) => has()).map(([name, title, , about]) =>
    el("figure", { class: `lane lane-${name}` },
      el("figcaption", {}, el("b", {}, title), el("span", { class: "values", "data-lane": name })),
      el("canvas", { class: "lane-canvas", "data-lane": name, role: "img", "aria-label": about }))));
}

function drawPhones(canvas, clip, view) {
  const { context, width, height } = sharp(canvas);
  if (view.length < clip.seconds) drawPhoneBoxes(context, clip, view, width, height);
  else paste(canvas, layer(canvas, `phones ${clip.index}`, (c) => drawPhoneBoxes(c, clip, view, width, height)));
  drawCursor(context, view, width, height);
}

function drawPhoneBoxes(context, clip, view, width, height) {
  drawSeconds(context, view, width, height);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = "12px system-ui, sans-serif";
  for (const [begin, end, label, kind] of clip.phones ?? []) {
    const left = Math.max(0, view.x(begin, width));
    const right = Math.min(width + 1, view.x(end, width));
    if (right <= left) continue;
    context.fillStyle = cssColourOnce(kind === "silence" ? "--grid" : kind === "bilabial" ? "--lips" : "--phone");
    context.fillRect(left, 1, Math.max(0.5, right - left - 1), height - 2);
    context.fillStyle = cssColourOnce("--ink");
    if (right - left > 8 && context.measureText(label).width < right - left - 2) context.fillText(label, (left + right) / 2, height / 2 + 0.5);
  }
}

// The root mean square over curves of a frame's error, each as a share of its range: [frames]. What the
// worst seconds are chosen by.
function errorsOf(clip) {
  if (!clip.errors) {
    const [target, prediction] = clip.tracks;
    const curves = DATA.rig.curves.map((c, i) => [i, c.high - c.low])
      .filter(([i, range]) => range > 0 && !target.absent.has(i) && !prediction.absent.has(i));
    clip.errors = Float32Array.from({ length: clip.frames }, (_, t) => {
      let sum = 0;
      for (const [i, range] of curves) sum += ((target.value(i, t) - prediction.value(i, t)) / range) ** 2;
      return Math.sqrt(sum / Math.max(1, curves.length));
    });
    clip.mostError = Math.max(1e-6, clip.errors.reduce((a, b) => Math.max(a, b), 0));
  }
  return clip.errors;
}

function drawErrors(canvas, clip, view) {
  const { context, width, height } = sharp(canvas);
  const errors = errorsOf(clip);
  drawSeconds(context, view, width, height);
  context.fillStyle = cssColourOnce("--error");
  const columns = Math.floor(width);
  for (let x = 0; x < columns; ++x) {
    const frame = (at) => Math.round((view.from + (at / width) * view.length) * clip.fps);
    let most = 0;
    for (let t = frame(x); t <= Math.max(frame(x), frame(x + 1) - 1); ++t) most = Math.max(most, errors[t] ?? 0);
    const h = (most / clip.mostError) * (height - 3);
    context.fillRect(x, height - h, 1, h);
  }
  drawCursor(context, view, width, height);
}

const kDrawLane = { sound: drawSpectrogram, phones: drawPhones, error: drawErrors };

function laneValue(name, clip, time) {
  if (name === "phones") return clip.phones?.find(([begin, end]) => time >= begin && time < end)?.[2] ?? "";
  if (name === "error") return errorsOf(clip)[Math.min(clip.frames - 1, Math.round(time * clip.fps))].toFixed(3);
  return "";
}

function drawLanes(clip, time, span) {
  const view = viewOf(clip, time, span);
  for (const canvas of byId("lanes").querySelectorAll("canvas")) kDrawLane[canvas.dataset.lane](canvas, clip, view);
}

// Apart from the pictures: a text that changes makes the browser lay out the page before it tells the size of
// the next one.
function showLaneValues(clip, time) {
  for (const text of byId("lanes").querySelectorAll("[data-lane].values")) {
    text.textContent = laneValue(text.dataset.lane, clip, time);
  }
}

// A press on any lane goes to that time.
function wireLanes() {
  for (const box of [byId("lanes"), byId("traces")]) {
    box.addEventListener("click", (event) => {
      if (event.target.tagName !== "CANVAS") return;
      const area = event.target.getBoundingClientRect();
      const view = viewOf(player.clip, player.time, player.span);
      player.seek(view.from + ((event.clientX - area.left) / area.width) * view.length);
    });
  }
}
