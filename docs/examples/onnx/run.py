import json, sys, wave
import numpy as np, onnxruntime

with wave.open(sys.argv[2]) as f:  # 16 kHz, mono, 16 bit
    audio = np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(np.float32) / 32768
model = onnxruntime.InferenceSession(sys.argv[1])  # kuchi export RUN --out mouth.onnx
about = model.get_modelmeta().custom_metadata_map
names, fps = json.loads(about["curves"]), float(about["fps"])
[curves] = model.run(["curves"], {"audio": audio[None], "lengths": np.array([len(audio)])})
print("seconds", *names, sep=",")
for i, frame in enumerate(curves[0]):
    print(f"{i / fps:.4f}", *(f"{value:.6f}" for value in frame), sep=",")
