// The questions of a study: each ratio with its interval about the line at 1, on one log scale.

const kForest = { width: 320, height: 20, side: 10, most: 8 };

// The axis holds 1 and all intervals, but no more than a factor of kForest.most either way.
function forestAxis() {
  const all = STUDY.comparisons.flatMap((c) => c.ratio).filter((v) => v !== null && v > 0);
  const reach = Math.max(1.05, ...all.map((v) => Math.max(v, 1 / v)));
  const most = Math.log(Math.min(reach * 1.02, kForest.most));
  const half = kForest.width / 2 - kForest.side;
  const x = (ratio) => kForest.width / 2 + half * Math.min(1, Math.max(-1, Math.log(ratio) / most));
  const steps = [1.02, 1.05, 1.1, 1.2, 1.5, 2, 4, 8].filter((v) => Math.log(v) <= most);
  const mark = steps[steps.length - 1];
  return { x, marks: mark ? [1 / mark, 1, mark] : [1] };
}

function forestTicks({ x, marks }) {
  const { width, height } = kForest;
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "forest chart", role: "img", "aria-label": `scale of the ratio, ${marks.map((m) => digits(m)).join(", ")}` },
    ...marks.map((m) => svg("text", { x: x(m), y: 14, class: "tick middle" }, digits(m))));
}

function forestBar(ratio, { x, marks }, verdict) {
  const { width, height } = kForest;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: `forest forest-${kVerdicts.get(verdict) ?? "open"}`, "aria-hidden": "true" });
  for (const m of marks) {
    picture.append(svg("line", { x1: x(m), x2: x(m), y1: 0, y2: height, class: m === 1 ? "forest-one" : "forest-grid" }));
  }
  if (ratio[0] === null || ratio[0] <= 0) return picture;
  const middle = height / 2;
  if (hasRange(ratio) && ratio[1] > 0) {
    picture.append(svg("line", { x1: x(ratio[1]), x2: x(ratio[2]), y1: middle, y2: middle, class: "forest-range" }));
    for (const end of [ratio[1], ratio[2]]) picture.append(svg("line", { x1: x(end), x2: x(end), y1: middle - 4, y2: middle + 4, class: "forest-range" }));
  }
  picture.append(svg("rect", { x: x(ratio[0]) - 4, y: middle - 4, width: 8, height: 8, class: "forest-point" }));
  return picture;
}

function showComparisons() {
  if (!STUDY.comparisons.length) return;
  const axis = forestAxis();
  byId("comparisons-note").textContent =
    "Ratio of the first to the second with its 95 % interval, in pairs over the same clips; p after correction for the number of questions. The line stands at 1: no difference.";
  byId("comparisons-table").append(
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "question"), el("th", { scope: "col", class: "forest-cell" }, forestTicks(axis)),
      ...["ratio", "corrected p"].map((t) => el("th", { scope: "col", class: "number" }, t)), el("th", { scope: "col" }, "verdict"))),
    el("tbody", {}, ...STUDY.comparisons.map((c) => el("tr", { "data-comparison": c.a },
      el("th", { scope: "row", class: "wrap" }, el("span", { class: "question" }, c.a), el("span", { class: "against" }, `against ${c.b}${c.metric === STUDY.metric ? "" : `, ${c.metric}`}`),
        c.says ? el("span", { class: "says" }, c.says) : null),
      el("td", { class: "forest-cell" }, forestBar(c.ratio, axis, c.verdict)),
      rangeCell(c.ratio, times), el("td", {}, digits(c.p_corrected, 2)),
      el("td", { class: "text" }, verdictMark(c.verdict))))));
  byId("study-comparisons").hidden = false;
}
