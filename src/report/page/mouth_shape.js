// From ARKit's mouth channels to the outlines of a mouth, as points. Nothing is drawn here.
//
// Units: 100 is half the mouth's width at rest. The origin is where the closed lips meet in the
// middle; x is to the viewer's right, which is the face's left; y is down. The factors were set by
// eye, so that ARKit's poses look as Apple's pictures of them; they were not measured on a rig.

const kHalfWidth = 100;
const kJawDrop = 112;      // how far jawOpen = 1 takes the lower jaw down
const kUpperLip = 24;      // thickness in the middle
const kLowerLip = 32;

const mix = (a, b, s) => a + (b - a) * s;

// How far out and down each corner of the mouth is.
function cornersOf(c) {
  const narrow = 50 * c.mouthPucker + 36 * c.mouthFunnel + 12 * c.jawOpen;
  const corner = (smile, frown, stretch, dimple, press) => ({
    out: kHalfWidth - narrow + 15 * smile + 19 * stretch + 7 * dimple - 3 * frown + 3 * press,
    down: -25 * smile + 19 * frown + 3 * stretch - 3 * dimple,
  });
  return {
    left: corner(c.mouthSmileLeft, c.mouthFrownLeft, c.mouthStretchLeft, c.mouthDimpleLeft, c.mouthPressLeft),
    right: corner(c.mouthSmileRight, c.mouthFrownRight, c.mouthStretchRight, c.mouthDimpleRight, c.mouthPressRight),
  };
}

function thicknesses(c) {
  const press = (c.mouthPressLeft + c.mouthPressRight) / 2;
  const smile = (c.mouthSmileLeft + c.mouthSmileRight) / 2;
  const stretch = (c.mouthStretchLeft + c.mouthStretchRight) / 2;
  const forward = 1 + 0.2 * c.mouthPucker + 0.2 * c.mouthFunnel - 0.16 * smile - 0.14 * stretch;
  return {
    upper: kUpperLip * forward * (1 - 0.78 * c.mouthRollUpper) * (1 - 0.4 * press) * (1 - 0.1 * c.jawOpen),
    lower: kLowerLip * forward * (1 - 0.78 * c.mouthRollLower) * (1 - 0.4 * press) * (1 - 0.16 * c.jawOpen),
  };
}

// Where the inner edges of both lips are in the middle. mouthClose brings the lips together while
// the jaw is open: the upper one comes down, the lower one goes up, to meet below the middle.
function gapOf(c) {
  const close = Math.min(c.mouthClose, c.jawOpen);
  const press = (c.mouthPressLeft + c.mouthPressRight) / 2;
  const rounded = (20 * c.mouthFunnel + 5 * c.mouthPucker) * (1 - close);
  const open = Math.max(0, kJawDrop * (c.jawOpen - close) + rounded - 5 * press);
  const meet = 0.42 * kJawDrop * close - 7 * (c.mouthShrugUpper + c.mouthShrugLower);
  return { upper: meet - Math.min(open * 0.1, 9), lower: meet + open * 0.92 };
}

function mouthShape(c) {
  const { left, right } = cornersOf(c);
  const thick = thicknesses(c);
  const gap = gapOf(c);
  const side = 26 * (c.mouthLeft - c.mouthRight);
  const jawSide = 20 * (c.jawLeft - c.jawRight);
  const cornerDrop = mix(gap.upper, gap.lower, 0.34);
  // The viewer sees the face's left on the right.
  const rightEnd = { x: left.out + side, y: cornerDrop + left.down };
  const leftEnd = { x: -right.out + side, y: cornerDrop + right.down };

  const width = (rightEnd.x - leftEnd.x) / 2;
  const middle = (rightEnd.x + leftEnd.x) / 2;
  const wide = Math.min(1, Math.max(0, gap.lower - gap.upper) / 60);
  const round = Math.max(c.mouthFunnel, c.mouthPucker);
  const bow = 6 * (1 - 0.65 * round);  // depth of the cupid's bow
  // s runs from -1 at one corner to 1 at the other. How much of the middle's movement a place has:
  // a mouth that opens wide becomes an oval, one that opens a little stays an almond.
  const ease = (s) => 1 - Math.abs(s) ** mix(2.1, 3.4, wide);
  const base = (s) => mix(leftEnd.y, rightEnd.y, (s + 1) / 2);
  const shape = (s, at) => mix(base(s), at, ease(s));
  const ofSide = (ofRight, ofLeft, s) => mix(ofRight, ofLeft, (s + 1) / 2);
  const up = (s) => shape(s, gap.upper - 20 * ofSide(c.mouthUpperUpRight, c.mouthUpperUpLeft, s));
  const low = (s) => shape(s, gap.lower + 22 * ofSide(c.mouthLowerDownRight, c.mouthLowerDownLeft, s));
  // The lower lip goes sideways with the jaw, its corners do not.
  const line = (places, y, pull) => [leftEnd,
    ...places.map((s) => ({ x: middle + width * s + pull * ease(s), y: y(s) })), rightEnd];

  // A dip in the middle of the upper lip, that the lower one makes room for.
  const dip = (s) => 3 * Math.max(0, 1 - Math.abs(s) / 0.28) * (1 - 0.5 * wide);
  const inner = [-0.9, -0.64, -0.3, 0, 0.3, 0.64, 0.9];
  const upperInner = line(inner, (s) => up(s) + dip(s), 0);
  const lowerInner = line(inner, (s) => Math.max(low(s) + dip(s), up(s) + dip(s) + 0.4), jawSide);

  // Thickness along the lips, as shares of that in the middle; pursed lips are thick all round.
  const along = (list) => new Map(list.map(([s, thin, full]) => [s, mix(thin, full, round)]));
  const upperParts = along([[-0.86, 0.3, 0.62], [-0.55, 0.66, 0.9], [-0.19, 1, 1], [0, 1, 1], [0.19, 1, 1], [0.55, 0.66, 0.9], [0.86, 0.3, 0.62]]);
  const upperOuter = line([...upperParts.keys()], (s) =>
    up(s) - thick.upper * upperParts.get(s) + bow * (s === 0 ? 0.55 : Math.abs(s) < 0.3 ? -0.35 : 0), 0);
  const lowerParts = along([[-0.86, 0.36, 0.6], [-0.6, 0.75, 0.88], [-0.3, 0.98, 0.98], [0, 1, 1], [0.3, 0.98, 0.98], [0.6, 0.75, 0.88], [0.86, 0.36, 0.6]]);
  const lowerOuter = line([...lowerParts.keys()], (s) =>
    low(s) + thick.lower * lowerParts.get(s) + 4 * c.cheekPuff * ease(s), jawSide);

  return {
    upperInner, lowerInner, upperOuter, lowerOuter, leftEnd, rightEnd, middle,
    jaw: { x: jawSide, y: kJawDrop * c.jawOpen },
    tongue: c.tongueOut,
    round,
    puff: c.cheekPuff,
    smile: { left: c.mouthSmileLeft, right: c.mouthSmileRight },
    opening: lowerInner[4].y - upperInner[4].y,
    chinUp: 8 * c.mouthShrugLower,
  };
}

// Index of the middle point of every outline above.
const kMiddle = 4;
