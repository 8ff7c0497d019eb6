"""What TensorBoard's own reader finds in a folder of event files, as JSON on stdout.

    read_tensorboard.py DIR

scalars: {tag: [[step, value], ...]}; histograms: {tag: [[step, min, max, num, sum, [counts]], ...]};
images: {tag: [[step, width, height, colours, distinct colours that are drawn], ...]}. The PNGs are
decoded with zlib alone; a wrong sum of the stream or of a chunk ends it.
"""
import json
import struct
import sys
import zlib

from tensorboard.backend.event_processing import event_accumulator


def picture(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, rows, header = 8, b"", None
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (sum_,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert sum_ == zlib.crc32(kind + body), kind
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            rows += body
        at += 12 + length
    width, height = header[:2]
    assert header[2:] == (8, 3, 0, 0, 0)
    raw = zlib.decompress(rows)
    assert len(raw) == height * (width + 1)
    lines = [raw[y * (width + 1) : (y + 1) * (width + 1)] for y in range(height)]
    assert all(line[0] == 0 for line in lines)
    return width, height, len(set(b"".join(line[1:] for line in lines)))


def main():
    sizes = {key: 0 for key in ("scalars", "histograms", "images", "compressedHistograms", "tensors")}
    reader = event_accumulator.EventAccumulator(sys.argv[1], size_guidance=sizes)
    reader.Reload()
    tags = reader.Tags()
    out = {"scalars": {}, "histograms": {}, "images": {}}
    for tag in tags["scalars"]:
        out["scalars"][tag] = [[e.step, e.value] for e in reader.Scalars(tag)]
    for tag in tags["histograms"]:
        out["histograms"][tag] = [
            [e.step, v.min, v.max, v.num, v.sum, list(v.bucket)]
            for e in reader.Histograms(tag)
            for v in [e.histogram_value]
        ]
    for tag in tags["images"]:
        out["images"][tag] = [
            [e.step, e.width, e.height, *picture(e.encoded_image_string)[2:]] for e in reader.Images(tag)
        ]
    json.dump(out, sys.stdout)


main()
