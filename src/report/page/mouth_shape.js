// From ARKit's mouth channels to the outlines of a mouth, as points. Nothing is drawn here.
//
// Units: 100 is half the mouth's width at rest. The origin is where the closed lips meet in the
// middle; x is to the viewer's right, which is the face's left; y is down. The factors below were
// set by eye against photographs' proportions, not measured on a rig.

const kHalfWidth = 100;
const kJawDrop = 104;      // how far jawOpen = 1 takes the lower jaw down
const kUpperLip = 23;      // thickness in the middle
const kLowerLip = 31;

const mix = (a, b, s) => a + (b - a) * s;

function cornersOf(c) {
  const narrow = 50 * c.mouthPucker + 34 * c.mouthFunnel + 9 * c.jawOpen;
  const corner = (smile, frown, stretch, dimple, press) => ({
    out: kHalfWidth - narrow + 15 * smile + 19 * stretch + 7 * dimple - 3 * frown + 3 * press,
    down: -24 * smile + 19 * frown + 3 * stretch - 3 * dimple,
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
  const forward = 1 + 0.34 * c.mouthPucker + 0.26 * c.mouthFunnel - 0.16 * smile - 0.14 * stretch;
  return {
    upper: kUpperLip * forward * (1 - 0.8 * c.mouthRollUpper) * (1 - 0.4 * press) * (1 - 0.12 * c.jawOpen),
    lower: kLowerLip * forward * (1 - 0.8 * c.mouthRollLower) * (1 - 0.4 * press) * (1 - 0.2 * c.jawOpen),
  };
}

// Where the inner edges of both lips are in the middle. mouthClose brings the lips together while
// the jaw is open: the upper one comes down, the lower one goes up, to meet below the middle.
function gapOf(c) {
  const close = Math.min(c.mouthClose, c.jawOpen);
  const rounded = 9 * c.mouthFunnel + 2 * c.mouthPucker;
  const press = (c.mouthPressLeft + c.mouthPressRight) / 2;
  const open = Math.max(0, kJawDrop * (c.jawOpen - close) + 2 * rounded * (1 - close) - 5 * press);
  const meet = 0.42 * kJawDrop * close - 7 * (c.mouthShrugUpper + c.mouthShrugLower);
  return { upper: meet - Math.min(open * 0.12, 8), lower: meet + open * 0.92 };
}

function mouthShape(c) {
  const { left, right } = cornersOf(c);
  const thick = thicknesses(c);
  const gap = gapOf(c);
  const side = 26 * (c.mouthLeft - c.mouthRight);
  const jawSide = 20 * (c.jawLeft - c.jawRight);
  const cornerDrop = mix(gap.upper, gap.lower, 0.3);
  // The viewer sees the face's left on the right.
  const rightEnd = { x: left.out + side, y: cornerDrop + left.down };
  const leftEnd = { x: -right.out + side, y: cornerDrop + right.down };

  const width = (rightEnd.x - leftEnd.x) / 2;
  const middle = (rightEnd.x + leftEnd.x) / 2;
  const x = (s, pull = 0) => middle + width * s + pull;
  const base = (s) => mix(leftEnd.y, rightEnd.y, (s + 1) / 2);
  const ease = (s) => 1 - Math.abs(s) ** 2.2;  // how much of the middle's movement a place has
  const round = 1 - 0.35 * Math.max(c.mouthFunnel, c.mouthPucker);

  const upLift = (s) => 20 * mix(c.mouthUpperUpRight, c.mouthUpperUpLeft, (s + 1) / 2);
  const lowDrop = (s) => 22 * mix(c.mouthLowerDownRight, c.mouthLowerDownLeft, (s + 1) / 2);
  const openUp = (s) => gap.upper - upLift(s);
  const openDown = (s) => gap.lower + lowDrop(s);
  const half = 0.62;
  const shape = (s, at) => mix(base(s), at, ease(s));
  const bow = 5 * round;         // how deep the cupid's bow is
  const puff = 5 * c.cheekPuff;

  const upperInner = [leftEnd,
    { x: x(-half), y: shape(-half, openUp(-half)) }, { x: x(-0.3), y: shape(-0.3, openUp(-0.3)) - 1 },
    { x: x(0), y: openUp(0) + 2.5 * round },
    { x: x(0.3), y: shape(0.3, openUp(0.3)) - 1 }, { x: x(half), y: shape(half, openUp(half)) }, rightEnd];
  const lowerInner = [leftEnd,
    { x: x(-half, jawSide * 0.5), y: shape(-half, openDown(-half)) + 1 },
    { x: x(-0.3, jawSide), y: shape(-0.3, openDown(-0.3)) + 1.5 },
    { x: x(0, jawSide), y: openDown(0) + 2.5 * round },
    { x: x(0.3, jawSide), y: shape(0.3, openDown(0.3)) + 1.5 },
    { x: x(half, jawSide * 0.5), y: shape(half, openDown(half)) + 1 }, rightEnd];
  const top = (s, lift) => shape(s, openUp(s)) - lift;
  const upperOuter = [leftEnd,
    { x: x(-0.66), y: top(-0.66, thick.upper * 0.52) },
    { x: x(-0.2), y: top(-0.2, thick.upper + bow * 0.5) },
    { x: x(0), y: top(0, thick.upper - bow * 0.5) },
    { x: x(0.2), y: top(0.2, thick.upper + bow * 0.5) },
    { x: x(0.66), y: top(0.66, thick.upper * 0.52) }, rightEnd];
  const bottom = (s, drop) => shape(s, openDown(s)) + drop + puff * (1 - Math.abs(s));
  const lowerOuter = [leftEnd,
    { x: x(-0.7, jawSide * 0.4), y: bottom(-0.7, thick.lower * 0.56) },
    { x: x(-0.36, jawSide * 0.9), y: bottom(-0.36, thick.lower * 0.95) },
    { x: x(0, jawSide), y: bottom(0, thick.lower) },
    { x: x(0.36, jawSide * 0.9), y: bottom(0.36, thick.lower * 0.95) },
    { x: x(0.7, jawSide * 0.4), y: bottom(0.7, thick.lower * 0.56) }, rightEnd];

  return {
    upperInner, lowerInner, upperOuter, lowerOuter, leftEnd, rightEnd, middle,
    jaw: { x: jawSide, y: kJawDrop * c.jawOpen },
    jawSide, tongue: c.tongueOut, puff: c.cheekPuff,
    smile: { left: c.mouthSmileLeft, right: c.mouthSmileRight },
    opening: lowerInner[3].y - upperInner[3].y,
    chinUp: 8 * c.mouthShrugLower,
  };
}
