// Making elements and writing numbers. Text enters the page as text only, never as HTML.

const byId = (id) => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const kNone = "–";

// Three significant digits without an exponent where that is readable.
function digits(value, count = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return kNone;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-5 || size >= 1e6) return value.toExponential(count - 1);
  if (size >= 10 ** count) return Math.round(value).toString();
  const text = value.toPrecision(count);
  return (text.includes("e") ? Number(text).toString() : text).replace("-", "−");
}

// Shares such as r2: always three decimals, so that they line up.
function share(value) {
  if (value === null || value === undefined) return kNone;
  return value.toFixed(3).replace("-", "−");
}

const kShares = new Set(["r2", "pcc", "std_ratio", "closure_precision", "closure_recall", "closure_f1"]);
const metricText = (name, value) => (kShares.has(name) ? share(value) : digits(value));

// 83.2 → "1:23.20"
function timeText(seconds, decimals = 2) {
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - 60 * minutes).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
  return `${minutes}:${rest}`;
}

const cssColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A canvas as sharp as the screen: sets its size, gives its context and its size in CSS pixels.
function sharp(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// What stays the same from frame to frame is drawn once for its key and the canvas's size.
const layers = new Map();
function layer(canvas, key, draw) {
  const name = `${key} ${canvas.width} ${canvas.height}`;
  if (!layers.has(name)) {
    if (layers.size > 120) layers.clear();
    const copy = el("canvas", { width: canvas.width, height: canvas.height });
    const context = copy.getContext("2d");
    context.setTransform(canvas.getContext("2d").getTransform());
    draw(context);
    layers.set(name, copy);
  }
  return layers.get(name);
}

// Copies a layer, or its part between two places in CSS pixels from the left.
function paste(canvas, from, left = 0, right = Infinity) {
  const context = canvas.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  const x = Math.round(left * ratio);
  const w = Math.min(canvas.width, Math.round(right * ratio)) - x;
  if (w <= 0) return;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(from, x, 0, w, canvas.height, x, 0, w, canvas.height);
  context.restore();
}
