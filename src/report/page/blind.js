// The blind test: two tracks of the same sound as A and B, in random order and on random sides, until the
// viewer has said which mouth fits better. Votes stay on the page until they are saved to a file.

const kPieceSeconds = 5;  // of a clip, about: as long as a viewer remembers
const kMostTrials = 40;   // of a round, drawn from all pieces: more tire a viewer
const kHeardSeconds = 0.5;  // of a piece before it can be judged

const blind = {
  on: false,
  pair: [0, 1],     // tracks
  trials: [],       // clip, begin_s, end_s, a, b: which tracks stand left and right
  at: 0,
  plays: 0,         // of this trial
  heard: 0,         // seconds of it
  begun: 0,         // the first trial of this sitting: none before it is taken back
  votes: [],
  saved: 0,         // how many of them a file has

  get trial() { return this.trials[this.at]; },

  // Goes on where it was left; another pair, or one that is through, begins anew. Votes are kept.
  start() {
    const pair = ["blind-one", "blind-other"].map((id) => Number(byId(id).value));
    if (!this.trial || pair.join() !== this.pair.join()) {
      this.pair = pair;
      this.at = 0;
      this.trials = shuffled(DATA.clips.flatMap((clip, index) => pieces(clip).map((piece) => ({ clip: index, ...piece }))))
        .slice(0, kMostTrials);
    }
    // Who is who was seen meanwhile: what is left is drawn anew.
    const left = shuffled(this.trials.slice(this.at))
      .map((trial) => ({ ...trial, sides: coin() ? [...pair] : [...pair].reverse() }));
    this.trials = [...this.trials.slice(0, this.at), ...left];
    this.begun = this.at;
    this.on = true;
    byId("player").dataset.blind = "";
    byId("blind-open").setAttribute("aria-pressed", "true");
    byId("blind").hidden = false;
    this.show();
  },

  show() {
    this.plays = 0;
    this.heard = 0;
    byId("blind-result").hidden = true;
    player.pause();
    player.stopLoop();
    if (!this.trial) return this.reveal();
    layBlindMouths(this.trial.sides);
    player.select(this.trial.clip, this.trial.begin_s);
    this.play();
    this.tell();
  },

  // Both are played at once: they share the sound.
  play() {
    player.seek(this.trial.begin_s);
    player.play();
    ++this.plays;
  },

  toggle() {
    if (!this.trial) return player.toggle();
    const { begin_s, end_s } = this.trial;
    if (!player.playing && (player.time >= end_s - 0.03 || player.time < begin_s)) this.play();
    else player.toggle();
  },

  get judged() { return this.heard >= Math.min(kHeardSeconds, (this.trial.end_s - this.trial.begin_s) / 2); },

  // The end of the piece ends its playing.
  check() {
    if (this.trial && player.playing && !this.judged) {
      this.heard = Math.max(this.heard, player.time - this.trial.begin_s);
      if (this.judged) this.tell();
    }
    if (this.trial && player.playing && player.time >= this.trial.end_s) {
      player.pause();
      player.seek(this.trial.end_s);
    }
  },

  // choice: 0 the left one, 1 the right one, null: no difference.
  vote(choice) {
    if (!this.trial || !this.judged) return;
    const { clip, begin_s, end_s, sides } = this.trial;
    const names = sides.map((i) => DATA.tracks[i]);
    this.votes.push({
      clip: DATA.clips[clip].id, begin_s: DATA.clips[clip].begin_s + begin_s, end_s: DATA.clips[clip].begin_s + end_s,
      a: names[0], b: names[1], choice: choice === null ? null : names[choice], plays: this.plays,
    });
    ++this.at;
    this.show();
  },

  undo() {
    if (!this.trial || this.at <= this.begun) return;
    this.votes.pop();
    this.saved = Math.min(this.saved, this.votes.length);
    --this.at;
    this.show();
  },

  tell() {
    byId("blind-state").textContent = this.trial
      ? `Piece ${this.at + 1} of ${this.trials.length}. Whose mouth fits the sound better?`
      : "All pieces are judged.";
    byId("blind-vote").hidden = !this.trial;
    byId("blind-save").disabled = !this.votes.length;
    byId("blind-undo").disabled = !this.trial || this.at <= this.begun;
    for (const [id] of kVotes) byId(id).disabled = !this.trial || !this.judged;
    byId("blind-save").textContent = `Save ${this.votes.length} ${this.votes.length === 1 ? "vote" : "votes"}`;
  },

  // What was said, once nothing is left to say.
  reveal() {
    this.tell();
    layMouths();
    const c = countVotes(this.votes, this.pair.map((i) => DATA.tracks[i]));
    byId("blind-result").textContent = verdict(c);
    byId("blind-result").hidden = false;
  },

  stop() {
    this.on = false;
    delete byId("player").dataset.blind;
    byId("blind-open").setAttribute("aria-pressed", "false");
    byId("blind").hidden = true;
    layMouths();
    player.pause();
    player.redraw();
  },
};

// A clip in parts of one length, about kPieceSeconds.
function pieces(clip) {
  const count = Math.max(1, Math.round(clip.seconds / kPieceSeconds));
  const length = clip.seconds / count;
  return Array.from({ length: count }, (_, i) => ({ begin_s: i * length, end_s: (i + 1) * length }));
}

// Unlike Math.random's, nobody can foretell these.
const randomBelow = (n) => Math.floor((crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32) * n);
const coin = () => randomBelow(2) === 1;
function shuffled(list) {
  const out = [...list];
  for (let i = out.length - 1; i > 0; --i) {
    const j = randomBelow(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

// How often each of a pair was preferred over the other, and how likely a lead as large or larger is where nobody hears a
// difference: the sign test, both sides, without the undecided.
// A piece that is judged again counts once, as it was judged first: it is no new evidence.
function countVotes(all, names) {
  const first = new Map();
  for (const v of all.filter((vote) => names.includes(vote.a) && names.includes(vote.b))) {
    const piece = `${v.begin_s} ${v.clip}`;
    if (!first.has(piece)) first.set(piece, v);
  }
  const votes = [...first.values()];
  const [one, other] = names.map((name) => votes.filter((v) => v.choice === name).length);
  const same = votes.length - one - other;
  return { votes: votes.length, preferred: { [names[0]]: one, [names[1]]: other }, no_difference: same, p: signTest(one, other) };
}

function signTest(one, other) {
  const n = one + other;
  if (n === 0) return null;
  let tail = 0;
  let logChoose = 0;  // of n over k
  for (let k = 0; k <= Math.min(one, other); ++k) {
    tail += Math.exp(logChoose - n * Math.LN2);
    logChoose += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}

function verdict({ votes, preferred, no_difference, p }) {
  const said = Object.entries(preferred).map(([name, count]) => `${name} ${count}`).join(", ");
  const most = `Of ${votes}: ${said}, no difference ${no_difference}.`;
  if (p === null) return most;
  return `${most} ${p < 0.05 ? "More than chance makes" : "Chance makes as much of a lead"} (sign test, p = ${digits(p, 2)}).`;
}

function votesFile() {
  const names = blind.pair.map((i) => DATA.tracks[i]);
  return JSON.stringify({
    format: "kuchi votes", version: 1, page: DATA.title, tracks: names,
    counts: countVotes(blind.votes, names), votes: blind.votes,
  }, null, 1);
}

function saveVotes() {
  const url = URL.createObjectURL(new Blob([votesFile()], { type: "application/json" }));
  const name = `${DATA.title.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80) || "page"}.votes.json`;
  el("a", { href: url, download: name }).click();
  blind.saved = blind.votes.length;
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function layBlindMouths(sides) {
  byId("mouths").replaceChildren(...sides.map((track, i) => el("figure", {},
    el("canvas", { class: "mouth", "data-track": track, role: "img", "aria-label": `mouth ${"AB"[i]}` }),
    el("figcaption", {}, "AB"[i]))));
}

function openBlind() {
  if (blind.on) return blind.stop();
  blind.start();
}

const kVotes = [["blind-a", 0], ["blind-b", 1], ["blind-same", null]];  // buttons, and what they say

// Two mouths are needed; which two, where there are more, is asked.
function wireBlind() {
  const can = DATA.tracks.length > 1 && DATA.mouth_channels.length > 0;
  byId("blind-open").hidden = !can;
  if (!can) return;
  const choices = () => DATA.tracks.map((name, i) => el("option", { value: i }, name));
  const first = DATA.tracks.length > 2 ? 1 : 0;  // a study's best against its baseline
  for (const [id, chosen] of [["blind-one", first], ["blind-other", first + 1]]) {
    byId(id).append(...choices());
    byId(id).value = String(chosen);
    byId(id).addEventListener("change", () => {
      if (byId("blind-one").value === byId("blind-other").value) {
        const [own, free] = id === "blind-one" ? ["blind-one", "blind-other"] : ["blind-other", "blind-one"];
        byId(free).value = byId(own).value === "0" ? "1" : "0";
      }
      if (blind.on) blind.start();
    });
  }
  byId("blind-pair").hidden = DATA.tracks.length < 3;
  byId("blind-open").addEventListener("click", openBlind);
  byId("blind-again").addEventListener("click", () => blind.trial && blind.play());
  byId("blind-undo").addEventListener("click", () => blind.undo());
  byId("blind-save").addEventListener("click", saveVotes);
  for (const [id, choice] of kVotes) byId(id).addEventListener("click", () => blind.vote(choice));
  addEventListener("beforeunload", (event) => {
    if (blind.votes.length > blind.saved) event.preventDefault();
  });
}
