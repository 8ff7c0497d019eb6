// Loss, validation metrics and learning rate by epoch: small charts over one time axis.

const kChart = { width: 360, height: 170, left: 60, right: 10, top: 12, bottom: 26 };

// Evenly spaced round values between low and high.
function ticks(low, high, about) {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(v);
  return out;
}

// 1, 2 and 5 of each power of ten between low and high; powers alone where those are many.
function logTicks(low, high) {
  const out = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); ++e) {
    for (const m of high / low > 100 ? [1] : [1, 2, 5]) out.push(m * 10 ** e);
  }
  return out.filter((v) => v >= low && v <= high);
}

// Least and most of a list. log: a logarithmic scale, where they span more than a power of ten.
// alike: they differ in their last digits alone, and marks would be closer than numbers are.
function spread(list) {
  const [low, high] = [Math.min(...list), Math.max(...list)];
  return { low, high, log: low > 0 && high / low > 10, alike: high - low <= 1e-9 * Math.max(Math.abs(high), Math.abs(low)) };
}

// A scale that puts low at from and high at to; low alone where they are one.
function between(low, high, from, to, log) {
  const f = log ? Math.log10 : (v) => v;
  return (v) => from + ((to - from) * (f(v) - f(low))) / (f(high) - f(low) || 1);
}

// A scale from values to pixels.
function scaleOf(values) {
  let { low, high, log, alike } = spread(values);
  const { height, top, bottom } = kChart;
  if (alike) { low -= Math.abs(low) * 0.1 || 1; high += Math.abs(high) * 0.1 || 1; }
  const marks = log ? logTicks(low, high) : ticks(low, high, 3);
  return { y: between(low, high, height - bottom, top, log), marks, log };
}

// The page's run and those beside it, each with its epochs.
function allRuns() {
  return [{ name: DATA.title, epochs: DATA.epochs }, ...DATA.others.filter((r) => r.epochs.length)];
}

function pointsOf(run, get) {
  return run.epochs.map((e) => ({ epoch: e.epoch, value: get(e) }))
    .filter((p) => p.value !== null && p.value !== undefined);
}

// points: of the page's run; beside: [{ name, points }] of others, under the same scale.
function chart(title, points, best, beside) {
  const { width, height, left, right, top, bottom } = kChart;
  const epochs = allRuns().flatMap((r) => r.epochs.map((e) => e.epoch));
  const last = Math.max(...epochs);
  const first = Math.min(...epochs);
  const x = (e) => left + ((width - left - right) * (e - first)) / Math.max(1, last - first);
  const { y, marks, log } = scaleOf([points, ...beside.map((b) => b.points)].flat().map((p) => p.value));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img",
    "aria-label": `${title} by epoch, from ${digits(points[0].value)} to ${digits(points[points.length - 1].value)}` });
  for (const v of marks) {
    picture.append(svg("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: "grid" }),
      svg("text", { x: left - 8, y: y(v) + 4, class: "tick end" }, String(Number(v.toPrecision(2)))));
  }
  for (const e of ticks(first, last, 6).filter(Number.isInteger)) {
    picture.append(svg("text", { x: x(e), y: height - 6, class: "tick middle" }, String(e)));
  }
  if (best) {
    picture.append(svg("line", { x1: x(best.epoch), x2: x(best.epoch), y1: top - 4, y2: height - bottom, class: "best" }));
  }
  const line = (of, kind) => svg("polyline", { points: of.map((p) => `${x(p.epoch)},${y(p.value)}`).join(" "), class: kind });
  for (const b of beside) picture.append(line(b.points, `line beside beside-${b.index % kBesideColours}`));
  picture.append(line(points, "line"));
  const dot = svg("circle", { r: 3.5, class: "dot", visibility: "hidden" });
  picture.append(dot);
  const value = el("output", { class: "chart-value" });
  const show = (p) => {
    dot.setAttribute("cx", x(p.epoch));
    dot.setAttribute("cy", y(p.value));
    dot.setAttribute("visibility", "visible");
    value.textContent = `epoch ${p.epoch}: ${digits(p.value)}`;
  };
  const at = (best && points.find((p) => p.epoch === best.epoch)) || points[points.length - 1];
  show(at);
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const where = ((event.clientX - box.left) / box.width) * width;
    show(points.reduce((a, b) => (Math.abs(x(b.epoch) - where) < Math.abs(x(a.epoch) - where) ? b : a)));
  });
  picture.addEventListener("pointerleave", () => show(at));
  return el("figure", {}, el("figcaption", {}, el("b", {}, title), log ? " (log)" : "", value), picture);
}

// How many colours results.css has for runs beside the page's own.
const kBesideColours = 5;

function legend() {
  const list = el("ul", { class: "legend" }, el("li", { class: "own" }, DATA.title));
  DATA.others.forEach((run, index) => list.append(el("li", { class: `beside-${index % kBesideColours}` },
    run.epochs.length ? run.name : `${run.name} (no epochs)`)));
  return list;
}

function showTraining() {
  if (!DATA.epochs.length) return;
  const best = DATA.epochs.filter((e) => e.best).pop();
  const series = [["training loss", (e) => e.loss], [`validation ${DATA.monitor}`, (e) => e.valid[DATA.monitor]]];
  if (DATA.monitor !== "r2") series.push(["validation r2", (e) => e.valid.r2]);
  series.push(["learning rate", (e) => e.lr], ["frames a second", (e) => e.speed]);
  for (const [title, get] of series) {
    const points = pointsOf({ epochs: DATA.epochs }, get);
    const beside = DATA.others.map((run, index) => ({ index, points: pointsOf(run, get) }))
      .filter((b) => b.points.length > 1);
    if (points.length > 1) byId("charts").append(chart(title, points, best, beside));
  }
  if (DATA.others.length) byId("charts").before(legend());
  if (!byId("charts").children.length) {
    byId("training-note").textContent = "This head is solved in one step: there is no curve to show.";
  } else if (best) {
    byId("training-note").textContent = `The line stands at the best epoch, ${best.epoch} of ${DATA.epochs[DATA.epochs.length - 1].epoch}, whose weights are judged here unless a checkpoint was named.`;
  }
  byId("training").hidden = false;
}
