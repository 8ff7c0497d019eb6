// The table by curve: sortable, with a bar for the value and interval of the column it is sorted by.

const kColumns = [
  ["r2", "R²", false],
  ["pcc", "correlation", false],
  ["mse", "squared error", true],
  ["std_ratio", "liveliness", false],
];

// The third entry of a column: whether small values are good, so that the worst come on top.
const tableState = { column: "r2", worstFirst: true };

function curveRows() {
  const { column, worstFirst } = tableState;
  const rows = Object.entries(DATA.suite.per_curve).map(([name, scores]) => ({ name, scores }));
  if (column === "name") {
    rows.sort((a, b) => (worstFirst ? 1 : -1) * a.name.localeCompare(b.name));
    return rows;
  }
  const small = kColumns.find(([name]) => name === column)[2];
  const badness = (row) => {
    const value = row.scores[column]?.value;
    if (value === null || value === undefined) return null;
    if (column === "std_ratio") return Math.abs(value - 1);
    return small ? value : -value;
  };
  rows.sort((a, b) => {
    const x = badness(a);
    const y = badness(b);
    if (x === null || y === null) return (x === null) - (y === null);  // unmeasured ones last
    return worstFirst ? y - x : x - y;
  });
  return rows;
}

// A common axis for the bars of one column: [low, high] with zero or one in it.
function axisOf(column) {
  let low = 0;
  let high = column === "mse" ? 0 : 1;
  for (const scores of Object.values(DATA.suite.per_curve)) {
    const e = scores[column];
    if (!e || e.value === null) continue;
    low = Math.min(low, e.low ?? e.value);
    high = Math.max(high, e.high ?? e.value);
  }
  return [Math.max(low, -1), Math.min(high, column === "std_ratio" ? 2 : high)];
}

function intervalBar(e, [low, high]) {
  const picture = svg("svg", { viewBox: "0 0 200 16", class: "bar", "aria-hidden": "true" });
  const x = (v) => 2 + (196 * (Math.min(Math.max(v, low), high) - low)) / (high - low || 1);
  picture.append(svg("rect", { x: 2, y: 6, width: 196, height: 4, class: "bar-back" }));
  if (low < 0) picture.append(svg("line", { x1: x(0), x2: x(0), y1: 1, y2: 15, class: "bar-mark" }));
  if (!e || e.value === null) return picture;
  const from = Math.min(x(0), x(e.value));
  picture.append(svg("rect", { x: from, y: 6, width: Math.abs(x(e.value) - x(0)), height: 4, class: "bar-fill" }));
  if (e.low !== null && e.low !== undefined) {
    picture.append(svg("rect", { x: x(e.low), y: 3, width: Math.max(1, x(e.high) - x(e.low)), height: 10, rx: 2, class: "bar-range" }));
  }
  picture.append(svg("circle", { cx: x(e.value), cy: 8, r: 3.5, class: "bar-point" }));
  return picture;
}

function sortHeader(name, title, number) {
  const active = tableState.column === name;
  const button = el("button", { type: "button", "data-sort": name }, title,
    el("span", { "aria-hidden": "true", class: "arrow" }, active ? (tableState.worstFirst ? " ▾" : " ▴") : ""));
  button.addEventListener("click", () => {
    if (active) tableState.worstFirst = !tableState.worstFirst;
    else Object.assign(tableState, { column: name, worstFirst: true });
    drawCurveTable();
    byId("curve-table").querySelector(`[data-sort="${name}"]`).focus();
  });
  return el("th", { scope: "col", class: number ? "number" : "",
    "aria-sort": active ? "other" : null }, button);
}

function valueCell(name, e) {
  const cell = el("td", {}, metricText(name, e?.value));
  if (e && e.low !== null && e.low !== undefined) {
    cell.append(el("span", { class: "range" }, `${metricText(name, e.low)} – ${metricText(name, e.high)}`));
  }
  return cell;
}

function drawCurveTable() {
  const bar = tableState.column === "name" ? "r2" : tableState.column;
  const barTitle = kColumns.find(([name]) => name === bar)[1];
  const axis = axisOf(bar);
  const rows = curveRows().map(({ name, scores }) => {
    const show = el("button", { type: "button", class: "link", title: "show this curve" }, name);
    show.addEventListener("click", () => {
      showOnly([DATA.rig.curves.findIndex((c) => c.name === name)]);
      byId("player").scrollIntoView();
    });
    return el("tr", {}, el("th", { scope: "row" }, show),
      el("td", { class: "bar-cell" }, intervalBar(scores[bar], axis)),
      ...kColumns.map(([column]) => valueCell(column, scores[column])));
  });
  byId("curve-table").replaceChildren(
    el("thead", {}, el("tr", {}, sortHeader("name", "curve", false),
      el("th", { scope: "col" }, `${barTitle}, ${digits(axis[0], 2)} to ${digits(axis[1], 2)}`),
      ...kColumns.map(([name, title]) => sortHeader(name, title, true)))),
    el("tbody", {}, ...rows));
}

function showCurveTable() {
  if (!DATA.suite) return;
  byId("curves-note").textContent =
    "Small: the 95 % interval. A dash: the curve hardly moves, so that a share of its movement says nothing.";
  drawCurveTable();
  byId("curves").hidden = false;
}
