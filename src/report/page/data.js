// What the page shows, as src/report/page_json.cpp wrote it, and its clips unpacked when first needed.

const DATA = JSON.parse(document.getElementById("data").textContent);

function bytesOf(base64) {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) out[i] = text.charCodeAt(i);
  return out;
}

// One track of a clip: its curves and, where the rig gives any, the mouth's channels.
class Track {
  constructor(packed, clip) {
    this.frames = clip.frames;
    this.fps = clip.fps;
    this.spans = clip.spans;                    // [curves] of [low, high]
    this.codes = new DataView(bytesOf(packed.curves).buffer);  // u16, [curves, frames]
    this.absent = new Set(packed.absent ?? []);  // curves that the clip's rig lacks
    this.mouth = packed.mouth ? bytesOf(packed.mouth) : null;  // u8, [frames, channels]
  }

  // Curve c at frame t, in curve units.
  value(c, t) {
    const [low, high] = this.spans[c];
    return low + ((high - low) * this.codes.getUint16(2 * (c * this.frames + t), true)) / 65535;
  }

  // Curve c at a time, in straight lines between frames.
  at(c, time) {
    const place = Math.min(Math.max(time * this.fps, 0), this.frames - 1);
    const t = Math.floor(place);
    const next = Math.min(t + 1, this.frames - 1);
    return this.value(c, t) + (place - t) * (this.value(c, next) - this.value(c, t));
  }

  // The mouth's channels at a time, by name, each 0 … 1.
  channels(time) {
    const names = DATA.mouth_channels;
    const place = Math.min(Math.max(time * this.fps, 0), this.frames - 1);
    const t = Math.floor(place);
    const next = Math.min(t + 1, this.frames - 1);
    const out = {};
    names.forEach((name, i) => {
      const a = this.mouth[t * names.length + i];
      const b = this.mouth[next * names.length + i];
      out[name] = (a + (place - t) * (b - a)) / 255;
    });
    return out;
  }
}

const unpacked = new Map();

function clipOf(index) {
  if (!unpacked.has(index)) {
    const clip = DATA.clips[index];
    unpacked.set(index, {
      ...clip,
      index,
      tracks: clip.tracks.map((t) => new Track(t, clip)),
      peaks: new Int8Array(bytesOf(clip.peaks).buffer),  // [bins] of low, high
      url: URL.createObjectURL(new Blob([bytesOf(clip.audio)], { type: "audio/flac" })),
    });
  }
  return unpacked.get(index);
}
