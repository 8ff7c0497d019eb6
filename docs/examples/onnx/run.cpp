// mouth.onnx (kuchi export RUN --out mouth.onnx) on raw 16 kHz mono float32 from standard input.
#include <onnxruntime_cxx_api.h>

#include <cstdio>
#include <vector>

int main(int, char** argv) {
  std::vector<float> audio;
  for (float x; std::fread(&x, sizeof x, 1, stdin) == 1;) audio.push_back(x);

  Ort::Env env;
  Ort::Session model(env, argv[1], Ort::SessionOptions{});
  const auto cpu = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  int64_t length = static_cast<int64_t>(audio.size());
  const int64_t one = 1, shape[] = {1, length};
  Ort::Value in[] = {Ort::Value::CreateTensor(cpu, audio.data(), audio.size(), shape, 2),
                     Ort::Value::CreateTensor(cpu, &length, 1, &one, 1)};
  const char *inputs[] = {"audio", "lengths"}, *outputs[] = {"curves"};
  const auto out = model.Run({}, inputs, in, 2, outputs, 1);
  const auto size = out[0].GetTensorTypeAndShapeInfo().GetShape();  // [1, frames, curves]
  const float* curves = out[0].GetTensorData<float>();
  for (int64_t i = 0; i < size[1] * size[2]; ++i) {
    std::printf("%.6f%c", curves[i], (i + 1) % size[2] == 0 ? '\n' : ',');
  }
}
