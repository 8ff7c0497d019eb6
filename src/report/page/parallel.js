// Parallel coordinates of a study: a line a trial, coloured by the metric. A drag along an axis keeps
// the trials that pass through that part of it; the pointer's nearest trial is shown. Lines are on a
// canvas (2000 elements would be slow), axes and brushes above it as SVG.

// While a drag goes on, no more than `dragged` lines are drawn: the rest when it ends.
const kParallel = { dragged: 500, height: 340, top: 34, bottom: 16, left: 84, right: 92, near: 14, colours: 12 };

const parallel = {
  trials: [], axes: [], places: [], good: [],
  brushes: new Map(),  // axis → [low, high]
  kept: [],            // per trial: whether it passes every brush
  hover: -1,
  width: 0,
  waiting: false,
  dragging: false,

  x(axis) {
    const inner = this.width - kParallel.left - kParallel.right;
    return this.axes.length < 2 ? kParallel.left + inner / 2 : kParallel.left + (inner * axis) / (this.axes.length - 1);
  },
  y: (place) => kParallel.top + (1 - place) * (kParallel.height - kParallel.top - kParallel.bottom),
  place: (y) => Math.min(1, Math.max(0, 1 - (y - kParallel.top) / (kParallel.height - kParallel.top - kParallel.bottom))),

  passes(line) {
    for (const [axis, [low, high]] of this.brushes) {
      const place = this.places[axis][line];
      if (place < low || place > high) return false;
    }
    return true;
  },

  // A drag may ask a hundred times a second: one drawing an animation frame is enough.
  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  },

  brush(axis, range) {
    if (range === null) this.brushes.delete(axis);
    else this.brushes.set(axis, range);
    this.kept = this.trials.map((t, line) => this.passes(line));
    this.hover = -1;
    drawBrushes();
    this.later();
  },

  clear() {
    this.brushes.clear();
    this.brush(-1, null);
  },

  trace(context, line) {
    for (let axis = 0; axis < this.axes.length; ++axis) {
      const x = this.x(axis);
      const y = this.y(this.places[axis][line]);
      if (axis === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  },

  // Many lines are as thin as the screen can, which is drawn ten times as fast.
  stroke(context, lines, colour, alpha) {
    const many = this.trials.length > 300;
    context.lineJoin = "round";
    context.lineWidth = many ? 1 / (window.devicePixelRatio || 1) : 1.4;
    context.strokeStyle = colour;
    context.globalAlpha = alpha;
    for (let i = 0; i < lines.length; i += 100) {
      context.beginPath();
      for (const line of lines.slice(i, i + 100)) this.trace(context, line);
      context.stroke();
    }
    context.globalAlpha = 1;
  },

  draw() {
    const canvas = byId("parallel-lines");
    const { context } = sharp(canvas);
    const all = this.trials.map((t, line) => line);
    if (this.brushes.size) {
      paste(canvas, layer(canvas, "parallel", (c) => this.stroke(c, all, cssColour("--rule"), 0.5)));
    }
    const kept = all.filter((line) => this.kept[line]);
    const every = this.dragging ? Math.ceil(kept.length / kParallel.dragged) : 1;
    const drawn = kept.filter((line, i) => i % every === 0);
    const alpha = Math.min(0.9, Math.max(0.35, 120 / this.trials.length));
    const step = (line) => Math.min(kParallel.colours - 1, Math.floor(this.good[line] * kParallel.colours));
    for (let c = 0; c < kParallel.colours; ++c) {
      this.stroke(context, drawn.filter((line) => step(line) === c), parallelColour((c + 0.5) / kParallel.colours), alpha);
    }
    this.drawHover();
    tellKept();
  },

  drawHover() {
    const { context } = sharp(byId("parallel-hover"));
    const tip = byId("parallel-tip");
    tip.hidden = this.hover < 0;
    if (this.hover < 0) return;
    context.beginPath();
    this.trace(context, this.hover);
    context.strokeStyle = cssColour("--ink");
    context.lineWidth = 2.5;
    context.lineJoin = "round";
    context.stroke();
  },

  // The kept trial that passes nearest to a point, -1 where none is near.
  nearest(px, py) {
    const last = this.axes.length - 1;
    const step = last > 0 ? this.x(1) - this.x(0) : 1;
    const along = Math.min(last, Math.max(0, (px - this.x(0)) / step));
    const a = Math.min(Math.floor(along), Math.max(0, last - 1));
    const b = Math.min(a + 1, last);
    let found = -1;
    let least = kParallel.near;
    for (let line = 0; line < this.trials.length; ++line) {
      if (!this.kept[line]) continue;
      const place = this.places[a][line] + (along - a) * (this.places[b][line] - this.places[a][line]);
      const distance = Math.abs(this.y(place) - py);
      if (distance < least) [found, least] = [line, distance];
    }
    return found;
  },
};

// From the colour of the worst to that of the best.
function parallelColour(share) {
  const parts = (name) => cssColour(name).match(/[0-9a-f]{2}/gi).map((h) => parseInt(h, 16));
  const [bad, good] = [parts("--study-bad"), parts("--study-good")];
  return `rgb(${bad.map((v, i) => Math.round(v + share * (good[i] - v))).join(" ")})`;
}

function tellKept() {
  const { brushes, kept, trials } = parallel;
  const left = trials.filter((t, line) => kept[line]);
  const values = left.map((t) => t.values[0]);
  const range = left.length ? `, ${STUDY.metric} ${studyNumber(Math.min(...values))} to ${studyNumber(Math.max(...values))}` : "";
  byId("parallel-count").textContent = `${left.length} of ${trials.length} trials${range}`;
  byId("study-parallel").dataset.kept = left.length;
  byId("parallel-clear").hidden = brushes.size === 0;
  // The table above is drawn anew for it: not before a drag has ended.
  if (!parallel.dragging) paleSettings(brushes.size ? new Set(left.map((t) => t.setting)) : null);
}

function showTip(line, px, py) {
  const trial = parallel.trials[line];
  const tip = byId("parallel-tip");
  const facts = [`seed ${trial.seed}`, trial.fold === undefined ? null : `fold ${trial.fold}`, trial.rung ? `rung ${trial.rung}` : null];
  tip.replaceChildren(el("b", {}, `${STUDY.metric} ${studyNumber(trial.values[0])}`), el("span", {}, STUDY.settings[trial.setting].name),
    el("span", { class: "tip-facts" }, [trial.id, ...facts.filter(Boolean)].join(", ")));
  tip.hidden = false;
  const width = tip.offsetWidth;
  tip.style.left = `${Math.max(4, Math.min(px + 14, parallel.width - width - 4))}px`;
  tip.style.top = `${Math.max(4, Math.min(py + 14, kParallel.height - tip.offsetHeight - 4))}px`;
}

function drawBrushes() {
  parallel.axes.forEach((axis, a) => {
    const mark = byId("parallel-axes").querySelector(`[data-brush="${a}"]`);
    const range = parallel.brushes.get(a);
    mark.setAttribute("visibility", range ? "visible" : "hidden");
    const group = mark.parentNode;
    group.setAttribute("aria-label", `${axis.title}: ${range ? brushText(axis, range) : "all"}. Up and down choose a part, Escape takes it back.`);
    if (!range) return;
    mark.setAttribute("y", parallel.y(range[1]));
    mark.setAttribute("height", Math.max(2, parallel.y(range[0]) - parallel.y(range[1])));
  });
}

function brushText(axis, [low, high]) {
  const inside = axis.ticks.filter((t) => t.at >= low && t.at <= high).map((t) => t.text);
  return inside.length ? inside.join(", ") : "a part between its marks";
}

// The end of a key says more than its begin.
const cutKey = (key, most) => (key.length > most ? `…${key.slice(key.length - most + 1)}` : key);

function axisPicture(axis, a) {
  const { y } = parallel;
  const x = parallel.x(a);
  const room = a === 0 || a === parallel.axes.length - 1 ? 13 : Math.max(5, Math.floor((parallel.x(1) - parallel.x(0)) / 7));
  const last = a === parallel.axes.length - 1;
  const group = svg("g", { class: "axis", tabindex: 0, role: "group", "data-axis": a },
    svg("line", { x1: x, x2: x, y1: y(0), y2: y(1), class: "axis-line" }),
    svg("text", { x, y: 16, class: "axis-title" }, cutKey(axis.title, Math.max(room, 7)), svg("title", {}, axis.title)),
    svg("rect", { x: x - 7, width: 14, y: 0, height: 0, rx: 3, class: "brush", "data-brush": a, visibility: "hidden" }));
  for (const t of axis.ticks) {
    group.append(svg("line", { x1: x - 3, x2: x + 3, y1: y(t.at), y2: y(t.at), class: "axis-line" }),
      svg("text", { x: last ? x + 10 : x - 8, y: y(t.at) + 4, class: last ? "axis-tick" : "axis-tick end" }, cut(t.text, room), svg("title", {}, t.text)));
  }
  group.append(svg("rect", { x: x - 16, y: 0, width: 32, height: kParallel.height, class: "axis-hit" }));
  wireAxis(group, a);
  return group;
}

function wireAxis(group, a) {
  const hit = group.lastChild;
  const placeAt = (event) => parallel.place(event.clientY - byId("parallel-plot").getBoundingClientRect().top);
  let from = null;
  hit.addEventListener("pointerdown", (event) => {
    from = placeAt(event);
    parallel.dragging = true;
    hit.setPointerCapture(event.pointerId);
    event.preventDefault();
    group.focus({ preventScroll: true });
  });
  hit.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const to = placeAt(event);
    if (Math.abs(to - from) > 0.01) parallel.brush(a, [Math.min(from, to), Math.max(from, to)]);
  });
  const end = () => {
    from = null;
    parallel.dragging = false;
    parallel.later();
  };
  hit.addEventListener("pointerup", (event) => {
    if (from !== null && Math.abs(placeAt(event) - from) <= 0.01) parallel.brush(a, null);
    end();
  });
  hit.addEventListener("pointercancel", end);
  group.addEventListener("keydown", (event) => {
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape") parallel.brush(a, null);
    else if (up) parallel.brush(a, stepped(parallel.axes[a].step, parallel.brushes.get(a), up));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// The next part of an axis, a step wide: the first key chooses its top or bottom one.
function stepped(step, range, up) {
  const count = Math.round(1 / step);
  const now = range ? Math.floor((range[0] + range[1]) / 2 / step) + up : up > 0 ? 0 : count - 1;
  const part = Math.min(count - 1, Math.max(0, now));
  return [part * step, (part + 1) * step];
}

function layParallel() {
  const width = byId("parallel-plot").clientWidth;
  if (width === parallel.width || width === 0) return;
  parallel.width = width;
  const picture = byId("parallel-axes");
  picture.setAttribute("viewBox", `0 0 ${width} ${kParallel.height}`);
  picture.replaceChildren(...parallel.axes.map(axisPicture));
  drawBrushes();
  parallel.draw();
}

function wireHover() {
  const plot = byId("parallel-plot");
  plot.addEventListener("pointermove", (event) => {
    if (event.buttons) return;
    const box = plot.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const found = parallel.nearest(px, py);
    if (found !== parallel.hover) {
      parallel.hover = found;
      parallel.drawHover();
    }
    if (found >= 0) showTip(found, px, py);
  });
  plot.addEventListener("pointerleave", () => {
    parallel.hover = -1;
    parallel.drawHover();
  });
}

function showParallel() {
  const trials = STUDY.trials.filter((t) => t.values.length && t.values[0] !== null);
  if (trials.length < 2 || !STUDY.factors.length) return;
  Object.assign(parallel, { trials, axes: parallelAxes(trials), good: goodness(trials), kept: trials.map(() => true) });
  parallel.places = parallel.axes.map((axis) => Float64Array.from(trials, (t, line) => axis.place(t, line)));
  const rest = STUDY.trials.length - trials.length;
  byId("parallel-note").textContent = `A line a trial; the better ${STUDY.metric} is, the higher on its axis and the more of this colour.` +
    ` Drag along an axis to keep what passes there; a click takes it back.${rest ? ` Trials without a number (${rest}) have no line.` : ""}`;
  byId("study-parallel").hidden = false;
  byId("parallel-clear").addEventListener("click", () => {
    parallel.clear();
    byId("parallel-axes").querySelector("[data-axis]").focus({ preventScroll: true });
  });
  wireHover();
  layParallel();
  new ResizeObserver(layParallel).observe(byId("parallel-plot"));
  document.addEventListener("themechange", () => parallel.draw());
}
