"""Writes the NPY files of tests/golden/npy with NumPy, and NumPy's own reading of a real file.

Run: python make_npy.py FOLDER_OF_FACEGOOD   (numpy 2.x; the files do not depend on its version)
"""
import sys
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

here = Path(__file__).parent
out = here / "npy"
out.mkdir(exist_ok=True)

grid = (np.arange(12, dtype=np.float64).reshape(4, 3) - 4) / 2  # [4, 3], exact in every float
for name, descr in {"f2": "<f2", "f4": "<f4", "f8": "<f8", "f4_big": ">f4", "f8_big": ">f8"}.items():
    np.save(out / f"{name}.npy", grid.astype(descr))
whole = np.arange(12).reshape(4, 3)
for name, descr in {"i1": "i1", "u1": "u1", "i2_big": ">i2", "u2": "<u2", "i4": "<i4", "u4": "<u4",
                    "i8": "<i8", "u8_big": ">u8"}.items():
    np.save(out / f"{name}.npy", whole.astype(descr))
np.save(out / "bool.npy", whole % 2 == 1)
np.save(out / "fortran.npy", np.asfortranarray(grid.astype("<f4")))
cube = np.arange(24, dtype="<f4").reshape(2, 3, 4)
np.save(out / "fortran_cube.npy", np.asfortranarray(cube))
np.save(out / "one_dimension.npy", np.arange(5, dtype="<f4"))
np.save(out / "scalar.npy", np.float32(2.5))
np.save(out / "no_rows.npy", np.zeros((0, 3), "<f4"))
for version in ((2, 0), (3, 0)):
    with open(out / f"version{version[0]}.npy", "wb") as f:
        npy.write_array(f, grid.astype("<f4"), version=version)
np.save(out / "objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save(out / "records.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save(out / "complex.npy", np.zeros(2, dtype="<c8"))
np.save(out / "text.npy", np.array(["a", "b"]))

# Column means, then rows 0, 1000 and the last, of a real file with a Python 2 header.
curves = np.load(Path(sys.argv[1]) / "curves" / "bs_value_1114_2_01.npy")
rows = [curves.mean(axis=0), curves[0], curves[1000], curves[-1]]
np.stack(rows).astype("<f8").tofile(here / "npy_facegood_2_01.f64")
