// The clip being played: sound leads, pictures follow. On every animation frame the time is read
// from the audio element, and mouths, cursor and traces are drawn for that time; nothing counts on
// its own, so that nothing can drift. The section says what is drawn: data-frame, data-time.

const kAheadSeconds = 1 / 120;  // half of how long a picture stands on the screen: it is drawn for its middle
const kRestMs = 3;        // of drawing all else, for which one picture is left out
const kMostLeftOut = 10;

const player = {
  index: 0,
  clip: null,
  span: 4,       // seconds the traces show; 0: the whole clip
  loopFrom: null,
  drawn: -1,
  wait: 0,       // pictures of mouths until all else is drawn again

  get audio() { return byId("audio"); },
  get time() { return Math.min(this.audio.currentTime, this.clip.seconds); },
  get frame() { return Math.min(this.clip.frames - 1, Math.round(this.time * this.clip.fps)); },
  get playing() { return !this.audio.paused; },

  select(index, time = 0) {
    const go = this.playing;
    if (index !== this.index || !this.clip) {
      this.index = index;
      this.clip = clipOf(index);
      this.audio.src = this.clip.url;
      this.audio.playbackRate = Number(byId("speed").value);
      this.stopLoop();
      byId("wave").setAttribute("aria-valuemax", this.clip.seconds.toFixed(2));
    }
    markClip(index);
    this.seek(time);
    if (go) this.play();
  },

  seek(time) {
    this.audio.currentTime = Math.min(Math.max(0, time), Math.max(0, this.clip.seconds - 0.001));
    if (this.loopFrom !== null) this.loopFrom = Math.max(0, Math.min(this.audio.currentTime, this.clip.seconds - 1));
    this.redraw();
  },

  play() {
    if (this.time >= this.clip.seconds - 0.02) this.audio.currentTime = 0;
    // A browser may refuse to play before the first click or key; the button then still says so.
    this.audio.play().catch(() => this.redraw());
  },

  pause() { this.audio.pause(); },
  toggle() { if (this.playing) this.pause(); else this.play(); },

  // To the middle of its frame's time is no better: frame j is at j / fps exactly.
  step(frames) {
    this.pause();
    this.seek((this.frame + frames) / this.clip.fps + 1e-4);
  },

  startLoop() {
    this.loopFrom = Math.max(0, Math.min(this.time, this.clip.seconds - 1));
    byId("loop").setAttribute("aria-pressed", "true");
    this.play();
  },
  stopLoop() {
    this.loopFrom = null;
    byId("loop").setAttribute("aria-pressed", "false");
  },
  toggleLoop() { if (this.loopFrom === null) this.startLoop(); else this.stopLoop(); },

  redraw() {
    this.drawn = -1;
    this.draw();
  },

  draw() {
    const time = this.time;
    if (time === this.drawn) return;
    this.drawn = time;
    const section = byId("player");
    section.dataset.time = time.toFixed(4);
    const ahead = this.playing ? Math.min(time + kAheadSeconds * this.audio.playbackRate, this.clip.seconds) : time;
    section.dataset.frame = Math.min(this.clip.frames - 1, Math.round(ahead * this.clip.fps));
    drawMouths(this.clip, ahead);
    // While it plays the rest is drawn less often the longer it takes: mouths come first on a slow machine.
    if (this.playing && this.wait-- > 0) return;
    const begun = performance.now();
    this.drawRest(time);
    this.wait = Math.min(kMostLeftOut, Math.ceil((performance.now() - begun) / kRestMs));
  },

  drawRest(time) {
    if (blind.on) return;
    drawWave(this.clip, time, this.span, DATA.worst.filter((s) => s.clip === this.index));
    drawLanes(this.clip, time, this.span);
    drawTraces(this.clip, time, this.span);
    showLaneValues(this.clip, time);
    showTraceValues(this.clip, time);
    byId("clock").textContent = `${timeText(time)} / ${timeText(this.clip.seconds)} · frame ${this.frame}`;
    byId("wave").setAttribute("aria-valuenow", time.toFixed(2));
    byId("wave").setAttribute("aria-valuetext", `${time.toFixed(2)} seconds, frame ${this.frame}`);
  },

  // The clip's end ends the sound, and not a second that repeats.
  ended() {
    if (this.loopFrom === null) return;
    this.audio.currentTime = this.loopFrom;
    this.play();
  },

  tick() {
    if (this.loopFrom !== null && this.playing && (this.time > this.loopFrom + 1 || this.time < this.loopFrom - 0.05)) {
      this.audio.currentTime = this.loopFrom;
    }
    if (blind.on) blind.check();
    this.draw();
    requestAnimationFrame(() => this.tick());
  },
};

function layMouths() {
  const box = byId("mouths");
  if (!DATA.mouth_channels.length) {
    box.replaceChildren(el("p", { class: "note empty" },
      `No mouth is drawn: the rig ${DATA.rig.name} says of none of its curves which ARKit curve it is (to_arkit in its file). The curves below are complete.`));
    return;
  }
  box.replaceChildren(...DATA.tracks.map((name, i) => el("figure", {},
    el("canvas", { class: "mouth", "data-track": i, role: "img", "aria-label": `mouth drawn from the ${name}` }),
    el("figcaption", { class: `key key-${trackClass(i)}`, title: name }, name))));
}

function drawMouths(clip, time) {
  for (const canvas of byId("mouths").querySelectorAll("canvas")) {
    drawMouth(canvas, clip.tracks[Number(canvas.dataset.track)].channels(time));
  }
}

function layClips() {
  byId("clips").replaceChildren(...DATA.clips.map((clip, i) => {
    const about = [clip.about, clip.begin_s > 0 ? `from ${timeText(clip.begin_s)} on` : ""].filter(Boolean).join("; ");
    const button = el("button", { type: "button", "data-clip": i, title: about || null, "aria-keyshortcuts": i < 9 ? String(i + 1) : null }, clip.id);
    button.addEventListener("click", () => player.select(i));
    return button;
  }));
  byId("clips").hidden = DATA.clips.length < 2;
}

function markClip(index) {
  for (const button of byId("clips").children) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.clip) === index));
  }
}

function wirePlayer() {
  const wave = byId("wave");
  const timeAt = (event) => {
    const box = wave.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * player.clip.seconds;
  };
  wave.addEventListener("pointerdown", (event) => {
    wave.setPointerCapture(event.pointerId);
    player.seek(timeAt(event));
  });
  wave.addEventListener("pointermove", (event) => {
    if (wave.hasPointerCapture(event.pointerId)) player.seek(timeAt(event));
  });
  byId("play").addEventListener("click", () => (blind.on ? blind.toggle() : player.toggle()));
  byId("back").addEventListener("click", () => player.step(-1));
  byId("on").addEventListener("click", () => player.step(1));
  byId("loop").addEventListener("click", () => player.toggleLoop());
  byId("speed").addEventListener("change", () => { player.audio.playbackRate = Number(byId("speed").value); });
  byId("window").addEventListener("change", () => {
    player.span = Number(byId("window").value);
    player.redraw();
  });
  const label = () => {
    byId("play").textContent = player.playing ? "Pause" : "Play";
    if (player.clip) player.redraw();
  };
  player.audio.addEventListener("ended", () => player.ended());
  for (const event of ["play", "pause", "ended"]) player.audio.addEventListener(event, label);
  label();
  new ResizeObserver(() => player.redraw()).observe(byId("player"));
}
