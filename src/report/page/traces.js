// Target and prediction over time, a lane for each chosen curve, and the choosing.

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
    return el("figure", { class: "lane" },
      el("figcaption", {}, el("b", {}, curve.name), el("span", { class: "values", "data-values": index })),
      el("canvas", { class: "lane-canvas", "data-curve": index, role: "img",
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

// Of a curve with more frames than the picture has columns, the lowest and highest of each column.
function traceLine(context, track, index, [first, last], x, y, columns) {
  const every = Math.max(1, Math.floor((last - first + 1) / columns));
  context.beginPath();
  for (let t = first; t <= last; t += every) {
    let [low, high] = [t, t];
    for (let k = t + 1; k < Math.min(t + every, last + 1); ++k) {
      if (track.value(index, k) < track.value(index, low)) low = k;
      if (track.value(index, k) > track.value(index, high)) high = k;
    }
    for (const k of low === high ? [low] : low < high ? [low, high] : [high, low]) {
      context.lineTo(x(k / track.fps), y(track.value(index, k)));
    }
  }
}

// What a curve's picture goes from and to.
function traceRange(curve, [least, most]) {
  const low = Math.min(curve.low, least);
  const high = Math.max(curve.high, most);
  // A curve that uses a small part of its range would be a flat line: zoom, by halves of the range.
  let top = high;
  while (low >= 0 && most < low + (top - low) / 2.2 && top - low > (high - low) / 16) top = low + (top - low) / 2;
  return [low, top];
}

function drawTraceLines(context, clip, index, view, width, height) {
  const [low, top] = traceRange(DATA.rig.curves[index], clip.spans[index]);
  const x = (t) => view.x(t, width);
  const y = (v) => height - 4 - ((height - 8) * (v - low)) / (top - low || 1);
  context.fillStyle = cssColourOnce("--grid");
  for (const v of [low, (low + top) / 2, top]) context.fillRect(0, Math.round(y(v)), width, 1);
  drawSeconds(context, view, width, height);
  const frames = [Math.max(0, Math.floor(view.from * clip.fps)), Math.min(clip.frames - 1, Math.ceil((view.from + view.length) * clip.fps))];
  clip.tracks.forEach((track, i) => {
    if (track.absent.has(index)) return;
    traceLine(context, track, index, frames, x, y, width);
    context.strokeStyle = cssColourOnce(`--${trackClass(i)}`);
    context.lineWidth = 1.9;
    context.lineJoin = "round";
    context.stroke();
  });
  context.fillStyle = cssColourOnce("--faint");
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText(digits(top, 2), width - 4, y(top) + 12);
}

function drawTrace(canvas, clip, view) {
  const index = Number(canvas.dataset.curve);
  const { context, width, height } = sharp(canvas);
  if (view.length < clip.seconds) drawTraceLines(context, clip, index, view, width, height);
  else paste(canvas, layer(canvas, `trace ${clip.index} ${index}`, (c) => drawTraceLines(c, clip, index, view, width, height)));
  drawCursor(context, view, width, height);
}

function drawTraces(clip, time, span) {
  const view = viewOf(clip, time, span);
  for (const canvas of byId("traces").querySelectorAll("canvas")) drawTrace(canvas, clip, view);
}

function showTraceValues(clip, time) {
  for (const text of byId("traces").querySelectorAll("[data-values]")) {
    const index = Number(text.dataset.values);
    const values = clip.tracks.map((t) => (t.absent.has(index) ? "–" : t.at(index, time).toFixed(2)));
    text.textContent = values.join(" · ");
  }
}
