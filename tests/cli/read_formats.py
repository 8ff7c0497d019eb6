"""read_formats.py DIR: Python's own json, csv and struct read the curve files there, as tools would.

Prints, by file, jawOpen (or the weight of aa, or the shapes) of the first frames.
"""

import csv
import json
import pathlib
import struct
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])


def load(name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def glb(name):
    data = (folder / name).read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert magic == b"glTF" and version == 2 and length == len(data), "header"
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON" and size % 4 == 0
    document = json.loads(data[20 : 20 + size])
    binary, kind = struct.unpack_from("<I4s", data, 20 + size)
    assert kind == b"BIN\0" and binary >= document["buffers"][0]["byteLength"]
    return document, data[28 + size :]


def accessor(document, blob, index):
    a = document["accessors"][index]
    view = document["bufferViews"][a["bufferView"]]
    assert a["componentType"] == 5126
    width = {"SCALAR": 1, "VEC3": 3}[a["type"]]
    return np.frombuffer(blob, "<f4", a["count"] * width, view["byteOffset"]).reshape(-1, width)


document, blob = glb("a.glb")
sampler = document["animations"][0]["samplers"][0]
names = document["meshes"][0]["extras"]["targetNames"]
times = accessor(document, blob, sampler["input"])[:, 0]
weights = accessor(document, blob, sampler["output"]).reshape(len(times), len(names))
assert np.all(np.diff(times) > 0)
for primitive in document["meshes"][0]["primitives"]:
    assert len(primitive["targets"]) == len(names)
    for target in primitive["targets"]:
        assert not accessor(document, blob, target["POSITION"]).any()

beat, mediapipe, azure = load("beat.json"), load("mediapipe.json"), load("azure.json")
talking, azure55, a2f = load("talkinghead.json"), load("azure55.json"), load("a2f.json")
rows = list(csv.DictReader((folder / "a2f-csv.csv").open()))
arrays = np.load(folder / "npz.npz")
assert arrays["values"].dtype == np.float32 and arrays["names"].dtype.kind == "U"
assert np.array_equal(arrays["times"], np.arange(len(arrays["values"])) / arrays["fps"])
column = arrays["names"].tolist().index("jawOpen")
oculus = load("oculus.json")
cues = load("rhubarb.json")["mouthCues"]
assert all(cue["start"] < cue["end"] and cue["value"] in "ABCDEFGHX" for cue in cues)
assert all(a["end"] == b["start"] for a, b in zip(cues, cues[1:]))
jaw = beat["names"].index("jawOpen")
media = mediapipe["names"].index("jawOpen")
facs = a2f["facsNames"].index("jawOpen")
first = range(5)
json.dump(
    {
        "glb": [float(weights[t, names.index("jawOpen")]) for t in first],
        "npz": [float(arrays["values"][t, column]) for t in first],
        "beat": [beat["frames"][t]["weights"][jaw] for t in first],
        "mediapipe": [mediapipe["frames"][t][media] for t in first],
        "azure": [azure[t]["blendshapes"]["jawOpen"] for t in first],
        "azure55": [azure55["BlendShapes"][t][17] for t in first],
        "talkinghead": [talking["vs"]["jawOpen"][t] for t in first],
        "a2f": [a2f["weightMat"][t][facs] for t in first],
        "a2f-csv": [float(rows[t]["blendShapes.JawOpen"]) for t in first],
        "visemes": len(oculus["names"]),
        "cues": len(cues),
    },
    sys.stdout,
)
