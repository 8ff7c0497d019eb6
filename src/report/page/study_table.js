// The settings of a study, one a row: sortable by every column, and filtered by words.

const settingsState = { column: null, up: true };
let settingRows = [];  // { row, index, text } in the study's order

// A point with its interval on an axis [low, high] that all rows share.
function rangeBar(e, [low, high]) {
  const picture = svg("svg", { viewBox: "0 0 200 16", class: "bar", "aria-hidden": "true" });
  const x = (v) => 4 + (192 * (Math.min(Math.max(v, low), high) - low)) / (high - low || 1);
  picture.append(svg("rect", { x: 2, y: 7, width: 196, height: 2, class: "bar-back" }));
  if (e[0] === null) return picture;
  if (hasRange(e)) {
    picture.append(svg("rect", { x: x(e[1]), y: 4, width: Math.max(1, x(e[2]) - x(e[1])), height: 8, rx: 2, class: "bar-range" }));
  }
  picture.append(svg("circle", { cx: x(e[0]), cy: 8, r: 3.5, class: "bar-point" }));
  return picture;
}

function spanOf(estimates) {
  const all = estimates.flat().filter((v) => v !== null);
  return all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
}

// A cell with a number and its interval below it.
function rangeCell(e, text) {
  const range = rangeText(e, text);
  return el("td", {}, text(e[0]), range ? el("span", { class: "range" }, range) : null);
}

const textCell = (text) => el("td", { class: "text" }, text);

// Factors are columns where they are few and tell all settings apart.
function factorColumns() {
  const told = new Set(STUDY.settings.map((s) => `${s.values} ${s.rung}`)).size === STUDY.settings.length;
  const few = STUDY.factors.length > 0 && STUDY.factors.length <= 6;
  if (!few || !told) return [{ title: "setting", key: (i) => STUDY.settings[i].name, cell: (i) => textCell(STUDY.settings[i].name) }];
  return STUDY.factors.map((factor, f) => ({
    title: factor.key,
    key: (i) => STUDY.settings[i].values[f],
    cell: (i) => textCell(valueText(STUDY.settings[i], f)),
  }));
}

// title, key (what it is sorted by; null comes last), cell; worse: whether large keys are bad.
function settingColumns() {
  const settings = STUDY.settings;
  const best = bestTrials();
  const axis = spanOf(settings.map(ofMetric));
  const asked = (i) => STUDY.comparisons[settings[i].comparison];
  const columns = factorColumns();
  const number = (title, key, cell) => columns.push({ title, key, cell, number: true });
  if (settings.some((s) => s.rung > 0)) number("rung", (i) => settings[i].rung, (i) => el("td", {}, String(settings[i].rung)));
  number("trials", (i) => settings[i].done, (i) => el("td", {}, String(settings[i].done),
    settings[i].failed ? el("span", { class: "range" }, `${settings[i].failed} failed`) : null));
  const metric = (i) => ofMetric(settings[i])[0];
  number(STUDY.metric, (i) => (metric(i) === null || lowerIsBetter() ? metric(i) : -metric(i)), (i) => rangeCell(ofMetric(settings[i]), studyNumber));
  columns.push({ title: `${studyNumber(axis[0])} to ${studyNumber(axis[1])}`, cell: (i) => el("td", { class: "bar-cell" }, rangeBar(ofMetric(settings[i]), axis)) });
  if (settings.some((s, i) => s.ratio[0] !== null && i !== STUDY.baseline)) {
    number("of baseline", (i) => settings[i].ratio[0], (i) => (i === STUDY.baseline ? el("td", {}, kNone) : rangeCell(settings[i].ratio, times)));
  }
  if (settings.some((s, i) => asked(i))) {
    number("corrected p", (i) => asked(i)?.p_corrected ?? null, (i) => el("td", {}, asked(i) ? digits(asked(i).p_corrected, 2) : ""));
  }
  columns.push({
    title: "verdict",
    key: (i) => (i === STUDY.baseline ? "baseline" : asked(i)?.verdict ?? null),
    cell: (i) => el("td", { class: "text" }, i === STUDY.baseline ? el("span", { class: "verdict" }, "baseline") : null,
      i === STUDY.best ? el("span", { class: "verdict verdict-best" }, "best") : null,
      asked(i) ? verdictMark(asked(i).verdict) : null),
  });
  if (best.some((t) => t?.run)) {
    columns.push({ title: "best run", cell: (i) => el("td", { class: "text" }, best[i] ? runLink(best[i], best[i].id) : kNone) });
  }
  return columns;
}

// The order of rows by the chosen column, the study's own where none is.
function settingOrder(columns) {
  const { column, up } = settingsState;
  const order = [...STUDY.order];
  if (column === null) return order;
  const keys = STUDY.settings.map((s, i) => columns[column].key(i));
  return order.sort((a, b) => {
    const [x, y] = [keys[a], keys[b]];
    if (x === null || y === null) return (x === null) - (y === null);
    const sign = typeof x === "string" ? x.localeCompare(y, undefined, { numeric: true }) : x - y;
    return up ? sign : -sign;
  });
}

function orderSettings(columns) {
  byId("settings-table").querySelector("tbody").append(...settingOrder(columns).map((i) => settingRows[i].row));
  byId("settings-table").querySelectorAll("thead th").forEach((th, c) => {
    const active = c === settingsState.column;
    if (active) th.setAttribute("aria-sort", settingsState.up ? "ascending" : "descending");
    else th.removeAttribute("aria-sort");
    const arrow = th.querySelector(".arrow");
    if (arrow) arrow.textContent = active ? (settingsState.up ? " ▴" : " ▾") : "";
  });
}

function settingHeader(columns, c) {
  const { title, key, number } = columns[c];
  if (!key) return el("th", { scope: "col" }, title);
  const button = el("button", { type: "button", "data-column": c }, title, el("span", { "aria-hidden": "true", class: "arrow" }));
  button.addEventListener("click", () => {
    const again = settingsState.column === c;
    Object.assign(settingsState, { column: c, up: again ? !settingsState.up : true });
    orderSettings(columns);
  });
  return el("th", { scope: "col", class: number ? "number" : "" }, button);
}

function filterSettings() {
  const words = byId("settings-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const { row, text } of settingRows) {
    row.hidden = !words.every((w) => text.includes(w));
    left += row.hidden ? 0 : 1;
  }
  byId("settings-count").textContent = words.length ? `${left} of ${settingRows.length} settings` : `${settingRows.length} settings`;
}

// Rows of settings without a trial in the set are pale; null: none is.
function paleSettings(kept) {
  settingRows.forEach(({ row }, i) => row.classList.toggle("pale", kept !== null && !kept.has(i)));
}

function showSettings() {
  if (!STUDY.settings.length) return;
  const columns = settingColumns();
  settingRows = STUDY.settings.map((s, i) => {
    const row = el("tr", { "data-setting": i }, ...columns.map((c) => c.cell(i)));
    return { row, text: `${s.name} ${row.textContent}`.toLowerCase() };
  });
  byId("settings-table").append(el("thead", {}, el("tr", {}, ...columns.map((c, i) => settingHeader(columns, i)))), el("tbody"));
  orderSettings(columns);
  byId("settings-filter").addEventListener("input", filterSettings);
  filterSettings();
  byId("study-settings").hidden = false;
}
