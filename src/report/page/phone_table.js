// What each kind of phone asks of the lips and gets, and which phones more recordings would help most.

const kAsked = {
  bilabial: "lips closed", labiodental: "lip to the teeth", rounded: "lips rounded", spread: "lips spread",
  open: "mouth open", other: "", silence: "",
};
const kPhonesShown = 12;

const percent = (value) => (value === null || value === undefined ? kNone : `${(100 * value).toFixed(1)} %`);

function phoneTable(id, heads, rows) {
  byId(id).replaceChildren(
    el("thead", {}, el("tr", {}, ...heads.map((h, i) => el("th", { scope: "col", class: i ? "number" : null }, h)))),
    el("tbody", {}, ...rows.map(([name, ...cells]) =>
      el("tr", {}, el("th", { scope: "row" }, name), ...cells.map((c) => el("td", {}, c))))));
}

function showPhones() {
  const report = DATA.phones;
  if (!report || !report.classes.length) return;
  byId("phones").hidden = false;
  const silent = report.unlabelled_clips ? `; of ${report.unlabelled_clips} more nobody knows theirs` : "";
  byId("phones-note").textContent = `${report.clips} ${report.clips === 1 ? "clip" : "clips"} whose phones are known${silent}`;
  phoneTable("class-table", ["kind", "asks for", "how often", "target does it", "prediction too", "lips off by", "squared error", "of all error"],
    report.classes.map((c) => [c.name, kAsked[c.class], c.occurrences,
      kAsked[c.class] ? c.shown : kNone, kAsked[c.class] && c.shown ? percent(c.answered / c.shown) : kNone,
      digits(c.lips), digits(c.mse.value), percent(c.error_share)]));
  const helps = report.phones.some((p) => p.saving !== null);
  byId("phones-help").textContent = helps
    ? `What to record next: phones by the share of all error that ${report.more} more examples in training would take away, if a phone's error falls with the square root of their number. An order, not a promise.`
    : "Phones by their share of all error.";
  phoneTable("phone-table", ["phone", "kind", "judged", "trained on", "squared error", "of all error", `${report.more} more save`],
    report.phones.slice(0, kPhonesShown).map((p) => [p.name, p.class, p.occurrences, p.trained ?? kNone,
      digits(p.mse.value), percent(p.error_share), percent(p.saving)]));
}
