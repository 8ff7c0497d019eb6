// Learning curves: the metric by how much data was trained on, with intervals, and where two cross.
// The picture is drawn for the width it has, so that its text stays readable on any.

const kLearning = { width: 0, height: 360, left: 64, right: 16, top: 22, bottom: 40 };
const kLineColours = 6;  // how many study.css has; further lines are dashed

function learningScales(lines, crossings) {
  const { width, height, left, right, top, bottom } = kLearning;
  const points = lines.flatMap((l) => l.points).filter((p) => p.y[0] !== null);
  const values = points.flatMap((p) => p.y).filter((v) => v !== null);
  const xs = [...points.map((p) => p.x), ...crossings.flatMap((c) => c.x).filter((v) => v !== null)];
  const scale = (list, from, to, wide) => {
    let { low, high, log, alike } = spread(list);
    log = log || (wide && low > 0);
    if (alike) { low -= Math.abs(low) * 0.5 || 1; high += Math.abs(high) * 0.5 || 1; }
    const few = log ? logTicks(low, high) : [];
    return { log, marks: few.length > 1 ? few : ticks(low, high, 5), at: between(low, high, from, to, log) };
  };
  const x = scale(xs, left + 8, width - right - 8, true);
  x.marks = [...new Set(points.map((p) => p.x))].sort((a, b) => a - b);
  return { x, y: scale(values, height - bottom, top, false) };
}

function learningGrid(picture, x, y) {
  const { width, height, left, right, top, bottom } = kLearning;
  for (const v of y.marks) {
    picture.append(svg("line", { x1: left, x2: width - right, y1: y.at(v), y2: y.at(v), class: "grid" }),
      svg("text", { x: left - 8, y: y.at(v) + 4, class: "tick end" }, tickText(v)));
  }
  let last = -Infinity;
  for (const v of x.marks) {
    picture.append(svg("line", { x1: x.at(v), x2: x.at(v), y1: top, y2: height - bottom, class: "grid" }));
    if (x.at(v) - last < 34) continue;
    last = x.at(v);
    picture.append(svg("text", { x: x.at(v), y: height - bottom + 16, class: "tick middle" }, tickText(v)));
  }
  picture.append(svg("text", { x: (left + width - right) / 2, y: height - 6, class: "tick middle" }, `${STUDY.learning.factor}${x.log ? " (log)" : ""}`),
    svg("text", { x: left, y: 10, class: "tick" }, `${STUDY.metric}${y.log ? " (log)" : ""}`));
}

// A bound that is missing lies beyond what was measured.
function crossingRange({ x: [, low, high] }) {
  if (low !== null && high !== null) return `${digits(low)} – ${digits(high)}`;
  if (low !== null) return `${digits(low)} or more`;
  return high === null ? "" : `up to ${digits(high)}`;
}

function crossingMark(c, x) {
  const { width, height, left, right, top, bottom } = kLearning;
  const mark = svg("g", { class: "crossing" }, svg("title", {}, crossingText(c)));
  if (crossingRange(c)) {
    const [from, to] = [c.x[1] === null ? left : x.at(c.x[1]), c.x[2] === null ? width - right : x.at(c.x[2])];
    mark.append(svg("rect", { x: from, y: top, width: Math.max(1, to - from), height: height - bottom - top, class: "crossing-range" }));
  }
  mark.append(svg("line", { x1: x.at(c.x[0]), x2: x.at(c.x[0]), y1: top, y2: height - bottom, class: "crossing-line" }));
  return mark;
}

function crossingText(c) {
  const share = c.share === null ? "" : `; so in ${digits(100 * c.share)} % of the resamples`;
  const beyond = c.beyond ? `, and ${c.beyond} is better beyond` : "";
  const range = crossingRange(c);
  return `${c.a} and ${c.b} cross at ${digits(c.x[0])}${range ? ` (${range})` : ""}${beyond}${share}`;
}

function learningLine(line, index, x, y) {
  const points = line.points.filter((p) => p.y[0] !== null);
  const kind = `study-line study-line-${index % kLineColours}${index >= kLineColours ? " study-line-dashed" : ""}`;
  const group = svg("g", { class: kind, "data-line": line.name });
  const banded = points.filter((p) => hasRange(p.y));
  if (banded.length > 1) {
    const edge = [...banded.map((p) => [p.x, p.y[2]]), ...banded.reverse().map((p) => [p.x, p.y[1]])];
    group.append(svg("polygon", { points: edge.map(([a, b]) => `${x.at(a)},${y.at(b)}`).join(" "), class: "study-band" }));
  }
  group.append(svg("polyline", { points: points.map((p) => `${x.at(p.x)},${y.at(p.y[0])}`).join(" "), class: "study-stroke" }));
  for (const p of points) {
    whisker(group, x.at(p.x), y.at, p.y, "study-whisker");
    group.append(svg("circle", { cx: x.at(p.x), cy: y.at(p.y[0]), r: 3.5, class: "study-dot" },
      svg("title", {}, `${lineName(line)}, ${STUDY.learning.factor} ${digits(p.x)}: ${studyNumber(p.y[0])} (${rangeText(p.y, studyNumber) || "no interval"})`)));
  }
  return group;
}

// One line alone has nothing to be told from.
const lineName = (line) => line.name || STUDY.name || "all";

function drawLearning(lines, crossings) {
  const width = Math.max(280, byId("learning").clientWidth);
  if (width === kLearning.width) return;
  kLearning.width = width;
  const { x, y } = learningScales(lines, crossings);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${kLearning.height}`, class: "chart", role: "img",
    "aria-label": `${STUDY.metric} by ${STUDY.learning.factor} of ${lines.map(lineName).join(", ")}` });
  learningGrid(picture, x, y);
  picture.append(...crossings.map((c) => crossingMark(c, x)), ...lines.map((l, i) => learningLine(l, i, x, y)));
  byId("learning").replaceChildren(picture);
}

function showLearning() {
  const lines = (STUDY.learning?.lines ?? []).filter((l) => l.points.some((p) => p.y[0] !== null));
  if (!lines.length) return;
  const crossings = STUDY.learning.crossings.filter((c) => c.x[0] !== null);
  byId("learning-note").textContent = `${STUDY.metric} with 95 % intervals.`;
  byId("learning-legend").append(...lines.map((l, i) => el("li", { class: `study-line-${i % kLineColours}` }, lineName(l))));
  byId("learning-crossings").append(...crossings.map((c) => el("li", {}, crossingText(c))));
  byId("learning-crossings").hidden = !crossings.length;
  byId("study-learning").hidden = false;
  const draw = () => drawLearning(lines, crossings);
  draw();
  new ResizeObserver(draw).observe(byId("learning"));
}
