// Target and prediction over time, a small picture for each chosen curve, and the choosing.

const kShownFirst = 6;
let shown = [];  // indices of the curves drawn, worst first

// The curves to begin with: those furthest off, else those that move most.
function firstCurves() {
  const order = DATA.rig.curves.map((c, i) => {
    const e = DATA.suite?.per_curve?.[c.name]?.mse?.value;
    if (e !== undefined && e !== null) return [e / (c.high - c.low) ** 2, i];
    const spread = clipOf(0).spans[i];
    return [(spread[1] - spread[0]) / (c.high - c.low), i];
  });
  order.sort((a, b) => b[0] - a[0]);
  return order.slice(0, kShownFirst).map(([, i]) => i);
}

function showOnly(curves) {
  shown = curves;
  layTraces();
  player.redraw();
}

function layTraces() {
  byId("traces").replaceChildren(...shown.map((index) => {
    const curve = DATA.rig.curves[index];
    return el("figure", { class: "trace" },
      el("figcaption", {}, el("b", {}, curve.name), el("span", { class: "values", "data-values": index })),
      el("canvas", { class: "trace-canvas", "data-curve": index, role: "img",
        "aria-label": `${curve.name}: ${DATA.tracks.join(" and ")} over time` }));
  }));
  for (const box of byId("chooser").querySelectorAll("input")) box.checked = shown.includes(Number(box.value));
}

function layLegend() {
  byId("legend").replaceChildren(...DATA.tracks.map((name, i) =>
    el("span", { class: `key key-${trackClass(i)}` }, name)));
}

// With one track alone it has the prediction's colour; a study's third is its baseline.
const trackClass = (i) => (DATA.tracks.length < 2 ? "prediction" : ["target", "prediction", "baseline"][Math.min(i, 2)]);

function layChooser() {
  const groups = new Map();
  DATA.rig.curves.forEach((curve, i) => {
    const key = curve.group || "curves";
    groups.set(key, [...(groups.get(key) ?? []), [curve, i]]);
  });
  byId("chooser").replaceChildren(...[...groups].map(([group, list]) =>
    el("fieldset", {}, el("legend", {}, group), ...list.map(([curve, i]) => {
      const box = el("input", { type: "checkbox", value: i });
      box.addEventListener("change", () => {
        showOnly(box.checked ? [...shown, i] : shown.filter((k) => k !== i));
      });
      return el("label", {}, box, curve.name);
    }))));
  byId("choose").addEventListener("click", () => {
    const open = byId("chooser").hidden;
    byId("chooser").hidden = !open;
    byId("choose").setAttribute("aria-expanded", String(open));
  });
}

function drawTrace(canvas, clip, time, span) {
  const index = Number(canvas.dataset.curve);
  const curve = DATA.rig.curves[index];
  const { context, width, height } = sharp(canvas);
  const length = span > 0 ? Math.min(span, clip.seconds) : clip.seconds;
  const from = span > 0 ? windowStart(clip, time, length) : 0;
  const low = Math.min(curve.low, clip.spans[index][0]);
  const high = Math.max(curve.high, clip.spans[index][1]);
  // A curve that uses a small part of its range would be a flat line: zoom, by halves of the range.
  let top = high;
  while (low >= 0 && clip.spans[index][1] < low + (top - low) / 2.2 && top - low > (high - low) / 16) top = low + (top - low) / 2;
  const x = (t) => ((t - from) / length) * width;
  const y = (v) => height - 5 - ((height - 10) * (v - low)) / (top - low || 1);
  context.fillStyle = cssColourOnce("--grid");
  for (const v of [low, (low + top) / 2, top]) context.fillRect(0, Math.round(y(v)), width, 1);
  for (let t = Math.ceil(from); t < from + length; ++t) context.fillRect(Math.round(x(t)), 0, 1, height);
  clip.tracks.forEach((track, i) => {
    if (track.absent.has(index)) return;
    const first = Math.max(0, Math.floor(from * clip.fps));
    const last = Math.min(clip.frames - 1, Math.ceil((from + length) * clip.fps));
    context.beginPath();
    for (let t = first; t <= last; ++t) context.lineTo(x(t / clip.fps), y(track.value(index, t)));
    context.strokeStyle = cssColourOnce(`--${trackClass(i)}`);
    context.lineWidth = 1.9;
    context.lineJoin = "round";
    context.stroke();
  });
  context.fillStyle = cssColourOnce("--cursor");
  context.fillRect(x(time) - 0.75, 0, 1.5, height);
  context.fillStyle = cssColourOnce("--faint");
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText(digits(top, 2), width - 4, y(top) + 12);
}

function drawTraces(clip, time, span) {
  for (const canvas of byId("traces").querySelectorAll("canvas")) drawTrace(canvas, clip, time, span);
  for (const text of byId("traces").querySelectorAll("[data-values]")) {
    const index = Number(text.dataset.values);
    const values = clip.tracks.map((t) => (t.absent.has(index) ? "–" : t.at(index, time).toFixed(2)));
    text.textContent = values.join(" · ");
  }
}
