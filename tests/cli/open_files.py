"""open_files.py STORE.h5 MODEL.safetensors OPTIMIZER.safetensors: others' own readers open them."""

import sys

import h5py
import numpy as np
from safetensors.numpy import load_file

store, model, optimizer = sys.argv[1:]
with h5py.File(store) as f:
    arrays = {}
    f.visititems(lambda name, x: arrays.update({name: x}) if isinstance(x, h5py.Dataset) else None)
    print({name: (x.shape, str(x.dtype)) for name, x in arrays.items()})
    flat = [x for x in arrays.values() if x.ndim == 2]  # [total frames, dim]
    assert len(flat) >= 2 and len({x.shape[0] for x in flat}) == 1, "features and curves"
    for x in flat:
        assert np.isfinite(x[()]).all(), x.name
weights = load_file(model)
assert weights and all(np.isfinite(w).all() for w in weights.values() if w.dtype.kind == "f")
moments = load_file(optimizer)
assert moments, "no moments"
print(sorted(weights), sorted(moments))
