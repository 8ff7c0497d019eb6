// The keyboard. Keys do nothing while a field has them, and leave the browser's own alone.

const kKeys = [
  [["Space"], "play or pause"],
  [["←", "→"], "one frame back or on"],
  [["Shift ←", "Shift →"], "one second back or on"],
  [["Home", "End"], "to the begin or end of the clip"],
  [["J", "K"], "next or previous of the worst seconds"],
  [["L"], "repeat this second"],
  [["1", "…", "9"], "choose a clip"],
  [["X"], "begin or end the blind test"],
  [["A", "B", "0"], "in it: A, B, no difference"],
  [["R"], "in it: play the piece again"],
  [["T"], "light or dark"],
  [["?"], "this help"],
];

function openHelp() {
  if (!byId("help").open) byId("help").showModal();
}

const kActions = {
  " ": () => player.toggle(),
  ArrowLeft: (e) => (e.shiftKey ? player.seek(player.time - 1) : player.step(-1)),
  ArrowRight: (e) => (e.shiftKey ? player.seek(player.time + 1) : player.step(1)),
  Home: () => player.seek(0),
  End: () => player.seek(player.clip.seconds),
  j: () => goToWorst(worstAt + 1),
  k: () => goToWorst(worstAt < 0 ? -1 : worstAt - 1),
  l: () => player.toggleLoop(),
  x: () => !byId("blind-open").hidden && openBlind(),
  t: () => switchTheme(),
  "?": () => openHelp(),
};

// In the blind test, which keeps the keys that would show who is who.
const kBlindActions = {
  a: () => blind.vote(0),
  b: () => blind.vote(1),
  0: () => blind.vote(null),
  r: () => blind.trial && blind.play(),
  " ": () => blind.toggle(),
};
const kAlways = new Set(["x", "t", "?"]);

// A page without clips has no player, and the browser keeps the other keys.
const kWithoutClips = new Set(["t", "?"]);

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const on = event.target.tagName;
  if (on === "SELECT" || on === "INPUT" || on === "TEXTAREA") return;
  // A key that is held down is one vote; Space plays, whatever button was pressed last.
  if (blind.on && event.repeat) return event.preventDefault();
  const theirs = on === "BUTTON" || on === "SUMMARY" || on === "A";
  if (event.key === " " && theirs && !(blind.on && byId("player").contains(event.target))) return;
  const digit = blind.on ? -1 : "123456789".indexOf(event.key);
  if (digit >= 0 && digit < DATA.clips.length) player.select(digit);
  else {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = blind.on && !kAlways.has(key) ? kBlindActions[key] : kActions[key];
    if (!action || (!player.clip && !kWithoutClips.has(key))) return;
    action(event);
  }
  event.preventDefault();
}

function wireKeys() {
  const keys = kKeys.filter(([[key]]) => player.clip || kWithoutClips.has(key.toLowerCase()));
  byId("keys").append(...keys.map(([names, what]) =>
    el("div", {}, el("dt", {}, ...names.map((k) => (k === "…" ? " … " : el("kbd", {}, k)))), el("dd", {}, what))));
  byId("help-open").addEventListener("click", openHelp);
  document.addEventListener("keydown", onKey);
}
