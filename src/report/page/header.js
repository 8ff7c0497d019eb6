// The head of the page, the results in short, the facts and the provenance.

function showHeader() {
  byId("title").textContent = DATA.title;
  byId("lead").textContent = DATA.lead;
  const mark = DATA.provenance.find(([name]) => name === "synthetic_mark");
  if (mark) {
    byId("mark").textContent = mark[1];
    byId("mark").hidden = false;
  }
}

// What each number means, in a few words. Metrics not named here are in the table of all metrics.
const kTiles = [
  ["r2", "R²", "share of the movement explained beyond the average mouth"],
  ["pcc", "correlation", "of predicted and target curves"],
  ["mse", "squared error", "mean over frames and curves; lower is better"],
  ["std_ratio", "liveliness", "spread of the prediction over that of the target; 1 is right"],
  ["closure_f1", "closed lips", "F1 of the frames whose lips are closed"],
  ["av_lag", "lag", "of the lips behind the target, in milliseconds"],
];

function tile(name, title, meaning, estimate) {
  const range =
    estimate.low !== null && estimate.low !== undefined
      ? `${metricText(name, estimate.low)} to ${metricText(name, estimate.high)}`
      : null;
  return studyTile(title, metricText(name, estimate.value), range, meaning);
}

function showNumbers() {
  const suite = DATA.suite;
  if (!suite) return;
  const box = byId("numbers");
  const tiles = kTiles
    .filter(([name]) => suite.metrics[name] && suite.metrics[name].value !== null)
    .map(([name, title, meaning]) => tile(name, title, meaning, suite.metrics[name]));
  box.append(el("div", { class: "tiles" }, ...tiles));
  const clips = suite.clips === 1 ? "one clip" : `${suite.clips} clips`;
  const seconds = suite.fps ? `, ${timeText(suite.frames / suite.fps, 0)} min` : "";
  let note = `Under each number its 95 % interval. Judged on ${suite.split === "all" ? "all of the data" : `the ${suite.split} split`}: ${clips}${seconds}.`;
  if (suite.evidence) note += ` ${suite.evidence[0].toUpperCase()}${suite.evidence.slice(1)}.`;
  box.append(el("p", { class: "note" }, note), allMetrics(suite));
  box.hidden = false;
}

function allMetrics(suite) {
  const rows = Object.entries(suite.metrics).map(([name, e]) =>
    el("tr", {}, el("th", { scope: "row" }, name),
      ...["value", "low", "high"].map((k) => el("td", {}, metricText(name, e[k])))));
  return el("details", {}, el("summary", {}, "All metrics"),
    el("div", { class: "scroll" }, el("table", { class: "plain" },
      el("thead", {}, el("tr", {}, ...["metric", "value", "low", "high"].map((t, i) =>
        el("th", { scope: "col", class: i ? "number" : "" }, t)))),
      el("tbody", {}, ...rows))));
}

const kProvenanceNames = {
  data: "data set",
  licence: "licence of the recordings",
  consent: "consent of the recorded people",
  permitted_use: "permitted use",
  synthetic_mark: "mark to be shown",
};

function factList(heading, pairs) {
  return el("div", {}, el("h3", {}, heading),
    el("dl", {}, ...pairs.map(([name, value]) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

function showFacts() {
  const box = byId("facts");
  for (const [heading, pairs] of DATA.facts) {
    if (pairs.length) box.append(factList(heading, pairs));
  }
  const named = DATA.facts.some(([, pairs]) => pairs.some(([name]) => name === "data set"));
  const provenance = DATA.provenance.filter(([name]) => name !== "data" || !named).map(([name, value]) => [kProvenanceNames[name] ?? name, value]);
  if (provenance.length) box.append(factList("Provenance", provenance));
}

function showProbe() {
  if (!DATA.probe.length) return;
  byId("probe-table").append(
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "sounds ahead"),
      el("th", { scope: "col", class: "number" }, "pairs"),
      el("th", { scope: "col", class: "number" }, "right"), el("th", {}))),
    el("tbody", {}, ...DATA.probe.map((p) => el("tr", {},
      el("th", { scope: "row" }, String(p.distance)), el("td", {}, String(p.pairs)),
      el("td", {}, share(p.share)), el("td", { class: "bar-cell" }, probeBar(p.share))))));
  byId("probe").hidden = false;
}

function probeBar(value) {
  const picture = svg("svg", { viewBox: "0 0 200 16", class: "bar", role: "img",
    "aria-label": `${Math.round(100 * value)} percent` });
  picture.append(
    svg("rect", { x: 0, y: 5, width: 200, height: 6, class: "bar-back" }),
    svg("rect", { x: 0, y: 5, width: 200 * value, height: 6, class: "bar-fill" }),
    svg("line", { x1: 100, x2: 100, y1: 1, y2: 15, class: "bar-mark" }));
  return picture;
}
