"""read_npz.py FILE.npz: NumPy's own reader finds what tests/curves/npz_test.cpp wrote."""

import json
import sys
import zipfile

import numpy as np

assert zipfile.ZipFile(sys.argv[1]).testzip() is None
a = np.load(sys.argv[1])  # without allow_pickle
assert sorted(a.files) == ["fps", "names", "provenance", "times", "values"], a.files
assert a["values"].dtype == np.float32 and a["values"].flags.c_contiguous
assert (a["values"] == np.arange(15, dtype="f4").reshape(5, 3) / np.float32(7)).all(), a["values"]
assert a["names"].tolist() == ["jawOpen", "ō_left", "口"], a["names"]
assert a["times"].dtype == np.float64 and (a["times"] == np.arange(5) / 59.94).all()
assert a["fps"].shape == () and a["fps"] == 59.94
assert json.loads(str(a["provenance"]))["consent"] == "研究"
