// Main effects: for each factor the mean of the metric at each of its values, all on one scale, so
// that a factor that matters looks like it.

const kLabelled = 12;  // values that get their names along the axis; more are numbers or not named

// Where each value of a factor stands between left and right: evenly, or by number where they are many.
function effectPlaces(values, left, right) {
  const many = values.length > kLabelled && values.every((v) => v.number !== null);
  if (!many) return { x: (i) => left + ((right - left) * (i + 0.5)) / values.length, marks: values.map((v, i) => [i, v.text]) };
  const numbers = values.map((v) => v.number);
  const { low, high, log } = spread(numbers);
  const at = between(low, high, left + 6, right - 6, log);
  return { x: (i) => at(numbers[i]), marks: [], ends: [[at(low), digits(low)], [at(high), digits(high)]] };
}

function whisker(picture, x, y, e, kind) {
  if (!hasRange(e)) return;
  picture.append(svg("line", { x1: x, x2: x, y1: y(e[1]), y2: y(e[2]), class: kind }));
}

function effectChart(factor, { y, marks, log }) {
  const { width, height, left, right, bottom } = kChart;
  const values = factor.values;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart effect", role: "img",
    "aria-label": `${factor.key}: ${values.slice(0, kLabelled).map((v) => `${v.text} ${studyNumber(v.mean[0])}`).join(", ")}` });
  for (const v of marks) {
    picture.append(svg("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: "grid" }),
      svg("text", { x: left - 8, y: y(v) + 4, class: "tick end" }, tickText(v)));
  }
  const places = effectPlaces(values, left, width - right);
  const most = Math.floor((width - left - right) / Math.max(1, places.marks.length) / 6.2);
  for (const [i, text] of places.marks) {
    if (most < 3 && i % 2) continue;
    picture.append(svg("text", { x: places.x(i), y: height - 6, class: "tick middle" }, cut(text, Math.max(3, most)), svg("title", {}, text)));
  }
  for (const [x, text] of places.ends ?? []) picture.append(svg("text", { x, y: height - 6, class: "tick middle" }, text));
  const there = values.map((v, i) => [v, i]).filter(([v]) => v.mean[0] !== null);
  if (!places.ends) picture.append(svg("polyline", { points: there.map(([v, i]) => `${places.x(i)},${y(v.mean[0])}`).join(" "), class: "line thin" }));
  const baseline = STUDY.baseline === null ? null : STUDY.settings[STUDY.baseline].values[STUDY.factors.indexOf(factor)];
  for (const [v, i] of there) {
    whisker(picture, places.x(i), y, v.mean, "whisker");
    picture.append(svg("circle", { cx: places.x(i), cy: y(v.mean[0]), r: 4, class: i === baseline ? "dot hollow" : "dot" },
      svg("title", {}, `${v.text}: ${studyNumber(v.mean[0])} (${rangeText(v.mean, studyNumber) || "no interval"}) over ${v.settings} settings`)));
  }
  return el("figure", { "data-factor": factor.key }, el("figcaption", {}, el("b", {}, factor.key), log ? " (log)" : ""), picture,
    el("p", { class: "note" }, sentence(factor.note)));
}

function showEffects() {
  const measured = STUDY.factors.filter((f) => f.values.filter((v) => v.mean[0] !== null).length > 1);
  if (!measured.length) return;
  const all = measured.flatMap((f) => f.values.flatMap((v) => v.mean)).filter((v) => v !== null);
  const scale = scaleOf(all);
  byId("effects-note").textContent = `${STUDY.log ? "Geometric mean" : "Mean"} of ${STUDY.metric} at each value, one scale for all; the hollow point is the baseline's value. ` +
    "Intervals of values overlap more than their differences are uncertain, for all were judged on the same clips: the questions above settle a difference.";
  byId("effects").append(...measured.map((f) => effectChart(f, scale)));
  byId("study-effects").hidden = false;
}
