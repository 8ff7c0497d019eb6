"""Makes the lips that come with the program: configs/rigs/lip_model.npy with its lists.

    python tests/golden/make_lip_model.py [FOLDER]      (from the repository's root)

The outlines are those of src/report/page/mouth_shape.js, which draws the mouth of the page: its
formulas stand here a second time. A curve's move is the outline at 1 less the outline at rest, so
that moves add up, as blendshapes do; mouthClose is taken at an open jaw, which is where it has an
effect. x is to the face's left, y up, z forward. 100 units of the page are half the mouth's width,
here 25 mm: the mouth is 50 mm wide at rest, which is usual for an adult (Farkas, Anthropometry of
the Head and Face, 1994: 50 mm for women, 54 mm for men). What goes forward or back is not in the
page's drawing; those factors (FORWARD) were set by eye, like all the others. Nothing was measured
on a person.
"""

import sys
from pathlib import Path

import numpy as np

METRES = 0.025 / 100
JAW_DROP, UPPER, LOWER = 112, 24, 32
CURVES = """jawForward jawLeft jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight
mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight
mouthStretchLeft mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper
mouthPressLeft mouthPressRight mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft
mouthUpperUpRight cheekPuff""".split()
# curve: (upper lip, lower lip), page units forward in the middle, nothing at the corners
FORWARD = {"jawForward": (0, 24), "jawOpen": (0, -26), "mouthPucker": (36, 36), "mouthFunnel": (28, 28),
           "mouthRollLower": (0, -16), "mouthRollUpper": (-16, 0), "mouthPressLeft": (-2, -2),
           "mouthPressRight": (-2, -2), "mouthClose": (0, 13), "mouthShrugLower": (0, 8),
           "mouthShrugUpper": (6, 0), "cheekPuff": (6, 6)}
INNER = [-0.9, -0.64, -0.3, 0, 0.3, 0.64, 0.9]
UPPER_PARTS = {-0.86: (0.3, 0.62), -0.55: (0.66, 0.9), -0.19: (1, 1), 0: (1, 1), 0.19: (1, 1),
               0.55: (0.66, 0.9), 0.86: (0.3, 0.62)}
LOWER_PARTS = {-0.86: (0.36, 0.6), -0.6: (0.75, 0.88), -0.3: (0.98, 0.98), 0: (1, 1),
               0.3: (0.98, 0.98), 0.6: (0.75, 0.88), 0.86: (0.36, 0.6)}


def mix(a, b, s):
    return a + (b - a) * s


def outline(values):
    """30 points [x, y, z] in page units, y down as on the page, z forward."""
    c = dict.fromkeys(CURVES, 0.0) | values
    narrow = 50 * c["mouthPucker"] + 36 * c["mouthFunnel"] + 12 * c["jawOpen"]

    def corner(side):
        smile, frown, stretch, dimple, press = (
            c[f"mouth{n}{side}"] for n in ("Smile", "Frown", "Stretch", "Dimple", "Press"))
        return (100 - narrow + 15 * smile + 19 * stretch + 7 * dimple - 3 * frown + 3 * press,
                -25 * smile + 19 * frown + 3 * stretch - 3 * dimple)

    press = (c["mouthPressLeft"] + c["mouthPressRight"]) / 2
    smile = (c["mouthSmileLeft"] + c["mouthSmileRight"]) / 2
    stretch = (c["mouthStretchLeft"] + c["mouthStretchRight"]) / 2
    forward = (1 + 0.2 * c["mouthPucker"] + 0.2 * c["mouthFunnel"] - 0.16 * smile - 0.14 * stretch)
    upper = UPPER * forward * (1 - 0.78 * c["mouthRollUpper"]) * (1 - 0.4 * press) * (1 - 0.1 * c["jawOpen"])
    lower = LOWER * forward * (1 - 0.78 * c["mouthRollLower"]) * (1 - 0.4 * press) * (1 - 0.16 * c["jawOpen"])

    close = min(c["mouthClose"], c["jawOpen"])
    rounded = (20 * c["mouthFunnel"] + 5 * c["mouthPucker"]) * (1 - close)
    opened = max(0, JAW_DROP * (c["jawOpen"] - close) + rounded - 5 * press)
    meet = 0.42 * JAW_DROP * close - 7 * (c["mouthShrugUpper"] + c["mouthShrugLower"])
    gap_up, gap_low = meet - min(opened * 0.1, 9), meet + opened * 0.92

    side = 26 * (c["mouthLeft"] - c["mouthRight"])
    jaw_side = 20 * (c["jawLeft"] - c["jawRight"])
    drop = mix(gap_up, gap_low, 0.34)
    left, right = corner("Left"), corner("Right")
    end_r = (left[0] + side, drop + left[1])   # the viewer sees the face's left on the right
    end_l = (-right[0] + side, drop + right[1])
    width, middle = (end_r[0] - end_l[0]) / 2, (end_r[0] + end_l[0]) / 2
    wide = min(1, max(0, gap_low - gap_up) / 60)
    rnd = max(c["mouthFunnel"], c["mouthPucker"])
    bow = 6 * (1 - 0.65 * rnd)

    def ease(s):
        return 1 - abs(s) ** mix(2.1, 3.4, wide)

    def shape(s, at):
        return mix(mix(end_l[1], end_r[1], (s + 1) / 2), at, ease(s))

    def of_side(of_right, of_left, s):
        return mix(of_right, of_left, (s + 1) / 2)

    def up(s):
        return shape(s, gap_up - 20 * of_side(c["mouthUpperUpRight"], c["mouthUpperUpLeft"], s))

    def low(s):
        return shape(s, gap_low + 22 * of_side(c["mouthLowerDownRight"], c["mouthLowerDownLeft"], s))

    def dip(s):
        return 3 * max(0, 1 - abs(s) / 0.28) * (1 - 0.5 * wide)

    out_up = sum(c[k] * f[0] for k, f in FORWARD.items())
    out_low = sum(c[k] * f[1] for k, f in FORWARD.items())

    def point(s, y, pull, out):
        return (middle + width * s + pull * ease(s), y, out * (1 - abs(s) ** 2.1))

    points = [(*end_l, 0.0), (*end_r, 0.0)]
    points += [point(s, up(s) + dip(s), 0, out_up) for s in INNER]
    points += [point(s, max(low(s) + dip(s), up(s) + dip(s) + 0.4), jaw_side, out_low) for s in INNER]
    for s, (thin, full) in UPPER_PARTS.items():
        y = up(s) - upper * mix(thin, full, rnd)
        points.append(point(s, y + bow * (0.55 if s == 0 else -0.35 if abs(s) < 0.3 else 0), 0, out_up))
    for s, (thin, full) in LOWER_PARTS.items():
        y = low(s) + lower * mix(thin, full, rnd) + 4 * c["cheekPuff"] * ease(s)
        points.append(point(s, y, jaw_side, out_low))
    return np.array(points)


def move(name):
    base = {"jawOpen": 1.0} if name == "mouthClose" else {}
    moved = (outline(base | {name: 1.0}) - outline(base)) * METRES
    moved[:, 1] *= -1  # up
    return moved


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "configs/rigs")
    moves = np.stack([move(name) for name in CURVES]).astype(np.float32)  # [curves, 30, 3]
    np.save(folder / "lip_model.npy", np.round(moves, 8))
    (folder / "lip_model.npy.names.txt").write_text("\n".join(CURVES) + "\n")
    (folder / "lip_model.npy.lips.txt").write_text(" ".join(map(str, range(moves.shape[1]))) + "\n")


main()
