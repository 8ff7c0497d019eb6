// A study of many trainings, as src/report/study_json.cpp wrote it, and its result in short. Three
// numbers in a list are a value with its interval, [value, low, high]; null is undefined.

const STUDY = DATA.study;

const kNothing = [null, null, null];
const ofMetric = (setting) => setting.metrics[STUDY.metric] ?? kNothing;
const lowerIsBetter = () => STUDY.better !== "higher";
const studyNumber = (value) => metricText(STUDY.metric, value);
const tickText = (value) => (Math.abs(value) < 1e-4 && value !== 0 ? digits(value, 2) : String(Number(value.toPrecision(3))).replace("-", "−"));
const times = (value) => (value === null ? kNone : `×${value >= 100 ? digits(value) : value.toFixed(3)}`);
const hasRange = (e) => e[1] !== null && e[2] !== null;
const rangeText = (e, text) => (hasRange(e) ? `${text(e[1])} – ${text(e[2])}` : "");
const valueOf = (setting, factor) => {
  const place = setting.values[factor];
  return place === null ? null : STUDY.factors[factor].values[place];
};
const valueText = (setting, factor) => valueOf(setting, factor)?.text ?? kNone;
const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}` : "");
const cut = (text, most) => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);

// The folder of a trial's run, within the study's own: a link only where it can be nothing else.
function runLink(trial, text) {
  if (!/^trials\/[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(trial?.run ?? "")) return text;
  return el("a", { href: `${trial.run}/`, title: `the folder of trial ${trial.id}` }, text);
}

// Of each setting the trial with the best value of the metric.
function bestTrials() {
  const best = STUDY.settings.map(() => null);
  const value = (trial) => trial?.values[0] ?? null;
  for (const trial of STUDY.trials) {
    const now = value(best[trial.setting]);
    if (value(trial) === null) continue;
    if (now === null || (lowerIsBetter() ? value(trial) < now : value(trial) > now)) best[trial.setting] = trial;
  }
  return best;
}

const kVerdicts = new Map([["better", "better"], ["worse", "worse"], ["not enough evidence", "open"]]);
const verdictMark = (text) => el("span", { class: `verdict verdict-${kVerdicts.get(text) ?? "open"}` }, text);

function studyTile(title, value, range, note) {
  return el("div", { class: "tile" }, el("p", { class: "tile-title" }, title), el("p", { class: "tile-value" }, value),
    el("p", { class: "tile-range" }, range || "no interval"), el("p", { class: "tile-note" }, note));
}

function settingTile(title, index) {
  const e = ofMetric(STUDY.settings[index]);
  return studyTile(title, studyNumber(e[0]), rangeText(e, studyNumber), STUDY.settings[index].name);
}

function studyTiles() {
  const tiles = [];
  const { best, baseline } = STUDY;
  if (best !== null) tiles.push(settingTile(`Best, ${STUDY.metric}`, best));
  if (baseline !== null) tiles.push(settingTile(`Baseline, ${STUDY.metric}`, baseline));
  if (best !== null && baseline !== null && best !== baseline) {
    const setting = STUDY.settings[best];
    const asked = STUDY.comparisons[setting.comparison];
    tiles.push(studyTile("Best over baseline", times(setting.ratio[0]), rangeText(setting.ratio, times),
      asked ? `${asked.verdict}; corrected p ${digits(asked.p_corrected, 2)}` : "no question of the study compares them"));
  }
  const count = (status) => STUDY.trials.filter((t) => t.status === status).length;
  const rest = STUDY.trials.length - count("done") - count("failed");
  tiles.push(studyTile("Trials", `${count("done")} of ${STUDY.trials.length}`, `of ${STUDY.settings.length} settings`,
    [count("failed") ? `${count("failed")} failed` : "none failed", rest ? `${rest} not yet done` : ""].filter(Boolean).join(", ")));
  return tiles;
}

function showStudy() {
  if (!STUDY) return;
  byId("study-tiles").append(...studyTiles());
  byId("study-note").textContent = `Under each number its 95 % interval. ${lowerIsBetter() ? "Lower" : "Higher"} is better. ${sentence(STUDY.evidence)}`;
  byId("study").hidden = false;
  if (DATA.tracks.length > 2) byId("player-heading").textContent = "Best and baseline, on the same clip";
  showSettings();
  showComparisons();
  showEffects();
  showLearning();
  showParallel();
  showFailed();
}

// Sections that have nothing to show stay hidden.
function showFailed() {
  const failed = STUDY.trials.filter((t) => t.status === "failed");
  if (!failed.length) return;
  const most = 300;
  byId("failed-note").textContent = failed.length > most
    ? `The first ${most} of ${failed.length}; the others are in summary.csv.` : "The study went on without them.";
  const folds = failed.some((t) => t.fold !== undefined);
  const titles = ["trial", "setting", "seed", ...(folds ? ["fold"] : []), "reason"];
  byId("failed-table").append(
    el("thead", {}, el("tr", {}, ...titles.map((t) => el("th", { scope: "col", class: t === "seed" ? "number" : "" }, t)))),
    el("tbody", {}, ...failed.slice(0, most).map((t) => el("tr", {},
      el("th", { scope: "row" }, runLink(t, t.id)), el("td", { class: "text" }, STUDY.settings[t.setting].name),
      el("td", {}, String(t.seed)), folds ? el("td", { class: "text" }, t.fold ?? kNone) : null,
      el("td", { class: "text wrap" }, t.reason ?? "no reason was recorded")))));
  byId("study-failed").hidden = false;
}
