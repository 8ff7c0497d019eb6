"""read_provenance.py STORE.h5 MODEL.safetensors CURVES.json DATA.json: what others' readers find."""

import json
import sys

import h5py
from safetensors import safe_open

store, model, curves, run = sys.argv[1:]
keys = ["licence", "consent", "permitted_use", "synthetic_mark"]
found = []
with h5py.File(store) as f:
    found.append({"data": f.attrs["name"]} | {key: f.attrs[key] for key in keys})
with safe_open(model, "np") as f:
    found.append({key: f.metadata()[key] for key in ["data"] + keys})
with open(curves, encoding="utf-8") as f:
    found.append(json.load(f)["provenance"])
with open(run, encoding="utf-8") as f:
    data = json.load(f)
    found.append({"data": data["name"]} | {key: data[key] for key in keys})
json.dump(found, sys.stdout)
