// Golden outlines of the page's mouth (src/report/page/mouth_shape.js), from that file itself:
//
//     node make_mouth.js > mouth.json
//
// Poses: rest, each channel alone at 1, and mixtures. A shape is its points, left to right, and the
// other numbers that are drawn. Made with Node.js 20.

const fs = require("fs");
const path = require("path");

const page = fs.readFileSync(path.join(__dirname, "../../src/report/page/mouth_shape.js"), "utf8");
const mouthShape = new Function(`${page}; return mouthShape;`)();
const header = fs.readFileSync(path.join(__dirname, "../../src/report/mouth.h"), "utf8");
const names = [...header.slice(header.indexOf("kMouthChannels =")).matchAll(/"(\w+)"/g)].map((m) => m[1]);

let state = 20240611;  // minimal standard generator, Park and Miller 1988
const draw = () => (state = (state * 48271) % 2147483647) / 2147483647;

const poses = [names.map(() => 0), ...names.map((_, i) => names.map((_, k) => Number(i === k)))];
for (let i = 0; i < 12; ++i) poses.push(names.map(() => (draw() < 0.5 ? 0 : Math.round(draw() * 1000) / 1000)));

const round = (x) => Math.round(x * 1e6) / 1e6 + 0;
const flat = (points) => points.flatMap((p) => [round(p.x), round(p.y)]);
const lines = poses.map((pose) => {
  const s = mouthShape(Object.fromEntries(names.map((name, i) => [name, pose[i]])));
  return JSON.stringify({
    pose,
    upper_inner: flat(s.upperInner), lower_inner: flat(s.lowerInner),
    upper_outer: flat(s.upperOuter), lower_outer: flat(s.lowerOuter),
    ends: flat([s.leftEnd, s.rightEnd, s.jaw]),
    rest: [s.middle, s.tongue, s.round, s.puff, s.smile.left, s.smile.right, s.opening, s.chinUp].map(round),
  });
});
console.log(`{"channels": ${JSON.stringify(names)},\n"shapes": [\n${lines.join(",\n")}\n]}`);
