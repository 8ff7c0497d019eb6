// What is heard over time: a mel spectrogram, computed from the clip's own sound where it is looked at, so
// that the page holds no picture of it. In tiles of a few seconds, each computed when first seen.

const kSoundRate = 16000;
const kFft = 512;
const kFftWindow = 400;   // 25 ms
const kHop = 160;         // 10 ms
const kMelRows = 72;      // of the picture, 60 … 8000 Hz
const kTileColumns = 200;
const kTilesKept = 64;
const kLongView = 60;     // seconds from which a column is a pixel, computed at once and kept as a picture
const kTilesAtOnce = 2;   // a picture: computing must not stop the sound's pictures
const kDecibels = 62;     // from the paper's colour to the fullest

const melOf = (hz) => 2595 * Math.log10(1 + hz / 700);
const hzOf = (mel) => 700 * (10 ** (mel / 2595) - 1);

// Rows from the top: which bins of the transform each takes its loudest of.
const kMelBins = Array.from({ length: kMelRows }, (_, row) => {
  const [low, high] = [melOf(60), melOf(kSoundRate / 2)];
  const edge = (r) => (hzOf(low + ((high - low) * (kMelRows - r)) / kMelRows) * kFft) / kSoundRate;
  const from = Math.floor(edge(row + 1));
  return [from, Math.min(kFft / 2, Math.max(from, Math.ceil(edge(row)) - 1))];
});

const kHann = Float64Array.from({ length: kFftWindow }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / kFftWindow));
const kTurns = Float64Array.from({ length: kFft }, (_, i) =>
  (i % 2 ? Math.sin : Math.cos)((-2 * Math.PI * (i >> 1)) / kFft));  // cos, sin of each turn

// In place, radix 2, length kFft.
function transform(re, im) {
  for (let i = 1, j = 0; i < kFft; ++i) {
    let bit = kFft >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= kFft; size *= 2) {
    const half = size / 2;
    const stride = kFft / size;
    for (let from = 0; from < kFft; from += size) {
      for (let k = 0; k < half; ++k) {
        const [c, s] = [kTurns[2 * k * stride], kTurns[2 * k * stride + 1]];
        const [a, b] = [from + k, from + k + half];
        const x = re[b] * c - im[b] * s;
        const y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}

// Levels of one column in decibels, row by row from the top, as power of a full-scale sine is 0.
function melColumn(samples, middle, out) {
  const re = new Float64Array(kFft);
  const im = new Float64Array(kFft);
  const first = middle - kFftWindow / 2;
  for (let i = 0; i < kFftWindow; ++i) re[i] = (samples[first + i] ?? 0) * kHann[i];
  transform(re, im);
  const full = (kFftWindow / 4) ** 2;
  for (let row = 0; row < kMelRows; ++row) {
    let most = 0;
    for (let b = kMelBins[row][0]; b <= kMelBins[row][1]; ++b) most = Math.max(most, re[b] * re[b] + im[b] * im[b]);
    out[row] = 10 * Math.log10(most / full + 1e-12);
  }
}

function rgbOf(colour) {
  const value = parseInt(colour.slice(1, 7), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

// Columns as a canvas, one pixel a column and row; middle: the sample that a column is around.
function spectrogramImage(sound, columns, middle) {
  const canvas = el("canvas", { width: columns, height: kMelRows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, kMelRows);
  const [r, g, b] = rgbOf(cssColourOnce("--ink"));
  const level = new Float64Array(kMelRows);
  for (let x = 0; x < columns; ++x) {
    melColumn(sound.samples, Math.round(middle(x)), level);
    for (let row = 0; row < kMelRows; ++row) {
      const share = Math.min(1, Math.max(0, (level[row] - sound.top) / kDecibels + 1));
      image.data.set([r, g, b, 235 * share ** 1.6], 4 * (row * columns + x));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// The sound of a clip at 16 kHz, decoded once; until then there is nothing to draw.
function soundOf(clip) {
  if (!clip.sound) {
    clip.sound = { samples: null, top: 0, tiles: new Map() };
    new OfflineAudioContext(1, 1, kSoundRate).decodeAudioData(bytesOf(DATA.clips[clip.index].audio).buffer)
      .then((buffer) => {
        clip.sound.samples = buffer.getChannelData(0);
        clip.sound.top = loudest(clip.sound.samples);
        player.redraw();
      })
      .catch(() => { clip.sound.failed = true; });
  }
  return clip.sound;
}

// The level of the loudest of some places, so that quiet recordings are seen as well as loud ones.
function loudest(samples) {
  const level = new Float64Array(kMelRows);
  let top = -90;
  const step = Math.max(kHop, Math.floor(samples.length / 500));
  for (let middle = 0; middle < samples.length; middle += step) {
    melColumn(samples, middle, level);
    top = Math.max(top, ...level);
  }
  return top;
}

// Tiles are kept for the colours that they were made in.
const forgetSpectrograms = () => unpacked.forEach((clip) => clip.sound?.tiles.clear());

function drawSpectrogram(canvas, clip, view) {
  const { context, width, height } = sharp(canvas);
  const sound = soundOf(clip);
  canvas.dataset.state = sound.failed ? "failed" : sound.samples ? "drawn" : "waiting";
  if (!sound.samples) return;
  if (view.length > kLongView) {
    paste(canvas, layer(canvas, `spectrogram ${clip.index} ${view.from} ${view.length}`, (c) => {
      const columns = Math.floor(width);
      const step = view.length / columns;
      c.drawImage(spectrogramImage(sound, columns, (x) => (view.from + (x + 0.5) * step) * kSoundRate), 0, 0, columns, height);
    }));
    drawCursor(context, view, width, height);
    return;
  }
  const tileSeconds = (kTileColumns * kHop) / kSoundRate;
  const [first, last] = [view.from, view.from + view.length].map((t) => Math.floor(t / tileSeconds));
  let computed = 0;
  context.imageSmoothingEnabled = true;
  for (let index = first; index <= last && index * tileSeconds < clip.seconds; ++index) {
    if (!sound.tiles.has(index)) {
      if (computed++ >= kTilesAtOnce) {
        canvas.dataset.state = "waiting";
        continue;
      }
      if (sound.tiles.size >= kTilesKept) sound.tiles.delete(sound.tiles.keys().next().value);
      sound.tiles.set(index, spectrogramImage(sound, kTileColumns, (x) => (index * kTileColumns + x) * kHop));
    }
    // A column's middle is its time: half a column to the left of where it begins.
    const left = view.x(index * tileSeconds - kHop / kSoundRate / 2, width);
    const right = view.x((index + 1) * tileSeconds - kHop / kSoundRate / 2, width);
    context.drawImage(sound.tiles.get(index), left, 0, right - left, height);
  }
  if (canvas.dataset.state === "waiting" && !sound.asked) {
    sound.asked = true;
    requestAnimationFrame(() => {
      sound.asked = false;
      player.redraw();
    });
  }
  drawCursor(context, view, width, height);
}
