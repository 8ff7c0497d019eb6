"""Reads the store of store_test.cpp with h5py: read_store.py STORE HASH FILE_WITH_A_VALUE."""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as f:
    a = f.attrs
    assert a["kuchi_format"] == "kuchi-store" and a["format_version"] == 1
    assert a["hash"] == sys.argv[2] and a["name"] == "set" and a["licence"] == "CC0"
    assert a["consent"] == "signed" and a["permitted_use"] == ""
    assert a["synthetic_mark"].startswith("synthetic media: ")
    assert a["fps"] == 30 and a["sample_rate"] == 16000
    assert a["feature_signature"].startswith("logmel80") and "open" in a["rig"]
    assert f["features"].shape == (820, 80) and f["features"].dtype == np.dtype("<f4")
    assert f["curves"].shape == (820, 2) and f["curves"].dtype == np.dtype("<f4")
    assert f["audio"].shape == (4 * 53333 + 6 * 40000,) and f["audio"].dtype == np.dtype("<f4")
    assert list(f["curves"].attrs["names"]) == ["open", "side"]
    assert len(f["curves"].attrs["units"]) == 2
    assert f["curves"].attrs["ranges"].tolist() == [[0, 1], [-1, 1]]
    clips = f["clips"]
    assert [s.decode() for s in clips["ids"]] == ["clip0", "clip1", "clip2", "clip3"]
    offsets = clips["frame_offsets"][:]
    assert offsets.tolist() == [0, 100, 270, 510, 820]
    assert clips["sample_offsets"][-1] == f["audio"].shape[0]
    assert [s.decode() for s in clips["labels/speaker"]] == ["s0", "s1", "s0", "s1"]
    assert [s.decode() for s in clips["labels/style"]] == ["", "calm", "", ""]
    assert np.isnan(clips["lag_ms"][0]) and clips["lag_ms"][2] == 12.5
    assert f["features"][offsets[3] - 1, 79] == np.float32(open(sys.argv[3]).read())
