"""Writes the NPZ files of tests/golden/npz with NumPy: what numpy.savez and savez_compressed give.

Run: python make_npz.py   (numpy 2.x; the arrays do not depend on its version)
"""
from pathlib import Path

import numpy as np

out = Path(__file__).parent / "npz"
out.mkdir(exist_ok=True)

grid = ((np.arange(12, dtype="<f8").reshape(4, 3) - 4) / 16)  # [4, 3], exact in every float
names = np.array(["jawOpen", "mouthClose", "ō_left"])
np.savez(out / "stored.npz", curves=grid.astype("<f4"), names=names, fps=np.float64(25))
np.savez_compressed(out / "deflated.npz", curves=grid, names=names, times=np.arange(4) / 50)
np.savez(out / "bytes_names.npz", values=np.asfortranarray(grid), curve_names=np.char.encode(names[:3], "utf8"),
         other=np.zeros((4, 3), "<f4"), fps=np.array([30]))
np.savez(out / "bare.npz", grid)
# As BEAT2's: named arrays without names of columns, other things beside. 2 s at 30 frames a second.
t = np.arange(60) / 30
expressions = np.sin(2 * np.pi * t[:, None] * (1 + np.arange(100) / 50)).astype("<f4")
poses = np.zeros((60, 165), "<f4")
poses[:, 66] = 0.2 + 0.2 * np.sin(2 * np.pi * 3 * t)
np.savez_compressed(out / "beat2.npz", betas=np.zeros(300, "<f4"), poses=poses, expressions=expressions,
                    trans=np.zeros((60, 3), "<f4"), model="smplx2020", gender="neutral",
                    mocap_frame_rate=np.array(30), note=np.array({"a": 1}, dtype=object))
# Bytes that deflate in each of its three ways: to be unpacked alone.
rng = np.random.default_rng(0)
np.savez_compressed(out / "kinds.npz", noise=rng.integers(0, 256, 70000, dtype="u1"), zeros=np.zeros(100000, "u1"),
                    words=np.tile(rng.integers(0, 9, 977), 60).astype("<i4"))
