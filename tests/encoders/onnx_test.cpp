// The encoder as a graph, run by ONNX Runtime, against Encoder::forward().
#include "encoders/onnx.h"

#include "../cli/program.h"
#include "../tensor_npy.h"
#include "onnx/model_file.h"
#include "onnx/ops.h"
#include "small_encoder.h"

using namespace kuchi;
using namespace kuchi::encoders;
using namespace kuchi::test;

namespace {

/// Too short for a frame, frame counts at their edges, and 0.5 to 20 s.
const std::vector<int64_t> kSamples = {1, 200, 400, 719, 720, 8000, 40017, 320000};

std::map<std::string, EncoderConfig> variants() {
  std::map<std::string, EncoderConfig> out;
  out["wav2vec2"] = small_config();
  out["large"] = small_config(Family::wav2vec2, /*pre_norm=*/true);
  out["large"].conv_bias = true;
  out["no_norm"] = small_config();
  out["no_norm"].normalise = false;
  out["no_norm"].conv_bias = true;
  out["no_norm"].position_kernel = 9;  // odd: as many frames as there were
  out["no_norm"].activation = Activation::silu;
  out["hubert"] = small_config(Family::hubert);
  out["hubert"].projection_norm = false;
  out["hubert"].position_batch_norm = true;
  out["hubert"].activation = Activation::gelu_tanh;
  out["wavlm"] = small_config(Family::wavlm);
  out["wavlm_large"] = small_config(Family::wavlm, /*pre_norm=*/true);
  out["wavlm_large"].activation = Activation::relu;
  out["data2vec"] = small_config(Family::data2vec);
  out["data2vec"].conv_norm = ConvNorm::layer;
  out["data2vec"].position_layers = 3;
  out["data2vec"].position_kernel = 5;
  out["other_convolutions"] = small_config();
  out["other_convolutions"].conv_kernel = {11, 3, 3, 3, 3, 2, 2};  // no whole number of strides
  out["other_convolutions"].conv_stride = {4, 2, 2, 2, 2, 2, 2};
  return out;
}

void write_graph(const fs::path& file, const Encoder& encoder) {
  onnx::Graph g;
  const auto audio = g.input({"audio", onnx::Type::float32, {"batch", "samples"}, ""});
  const auto lengths = g.input({"lengths", onnx::Type::int64, {"batch"}, ""});
  auto wanted = Wanted::all(encoder.config().layers);
  wanted.last = true;
  const auto hidden = encoders::emit(g, encoder, audio, lengths, wanted);
  auto parts = hidden.layers;
  parts.push_back(hidden.last);
  g.output(onnx::concat(g, parts, 2),
           {"hidden",
            onnx::Type::float32,
            {"batch", "frames", encoder.config().hidden * static_cast<int64_t>(parts.size())},
            ""});
  g.output(hidden.last_row, {"last_row", onnx::Type::int64, {"batch"}, ""});
  onnx::ModelInfo info;
  info.name = "encoder";
  onnx::write_model(file, g, info);
}

/// Every hidden state and the last, side by side: [frames, (layers + 2) · hidden]. Of a clip that
/// is too short: as if silence went on.
at::Tensor all_of(Encoder& encoder, const at::Tensor& clip) {
  auto wanted = Wanted::all(encoder.config().layers);
  wanted.last = true;
  const int64_t missing = std::max<int64_t>(0, encoder.config().receptive_samples() - clip.size(0));
  auto hidden = encoder.forward({at::constant_pad_nd(clip, {0, missing})}, wanted);
  hidden.layers.push_back(hidden.last);
  return at::cat(hidden.layers, 1).contiguous();
}

}  // namespace

TEST_CASE("encoders: as ONNX every kind gives its hidden states, alone and in a padded batch",
          "[encoders]") {
  const at::NoGradGuard no_grad;
  const TempDir dir;
  fs::create_directories(dir / "audio");
  std::vector<at::Tensor> clips;
  for (const auto samples : kSamples) {
    // An offset and a slope: what normalisation and the first norm must see of the clip alone
    clips.push_back(noise(samples, static_cast<uint64_t>(samples)) * at::linspace(0.2, 2, samples) +
                    0.05);
    write_npy(dir / cat("audio/", samples, ".npy"), clips.back());
  }
  std::vector<std::string> line = {source("tests/encoders/compare_onnx.py").string(),
                                   dir.path.string()};
  for (const auto& [name, config] : variants()) {
    const auto encoder = small_encoder(config);
    encoder->eval();
    line.push_back(name);
    fs::create_directories(dir / name);
    write_graph(dir / name / "encoder.onnx", *encoder);
    for (const auto& clip : clips) {
      write_npy(dir / name / cat(clip.size(0), ".npy"), all_of(*encoder, clip));
    }
  }

  const auto measured = python_json(line);

  if (measured.is_null()) return;
  CHECK(measured.size() == variants().size());
  for (const auto& [name, by_clip] : measured.items()) {
    CHECK(by_clip.size() == 2 * kSamples.size());  // alone and in a batch
    for (const auto& [clip, difference] : by_clip.items()) {
      INFO(name << ", " << clip);
      CHECK(difference.get<double>() <= 1e-4);
    }
  }
}
