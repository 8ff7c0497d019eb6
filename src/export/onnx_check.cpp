#include "export/onnx_check.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "export/onnx_members.h"
#include "export/onnx_runtime.h"

namespace kuchi::exporting {
namespace {

/// Chunks of a session, again and again.
constexpr std::array<int64_t, 6> kChunks = {1, 4, 2, 16, 1, 7};

OrtTensor whole_numbers(const std::string& name, int64_t value) {
  return {name, {1}, std::vector<int64_t>{value}};
}

/// Nobody's voice, in no style.
void tell_nothing(const onnx::ModelSummary& file, std::vector<OrtTensor>& inputs) {
  for (const auto& port : file.inputs) {
    if (port.name == "speaker" || port.name == "style") {
      inputs.push_back(whole_numbers(port.name, 0));
    }
    if (port.name == "intensity") inputs.push_back({port.name, {1}, std::vector<float>{1}});
  }
}

/// What goes in: sound, or features made of it.
OrtTensor clip_of(const train::Ensemble& models, const Options& options,
                  std::span<const float> audio, int64_t frames) {
  if (options.from == From::audio) {
    return {"audio",
            {1, static_cast<int64_t>(audio.size())},
            std::vector<float>(audio.begin(), audio.end())};
  }
  const auto x = features::compute(heard_by(models.members()[0]), audio, models.card().fps, frames);
  return {"features", {1, x.rows, x.cols}, x.data};
}

std::vector<float> curves_of(std::vector<OrtTensor>& outputs) {
  return std::move(std::get<std::vector<float>>(outputs[0].values));
}

std::vector<float> run_whole(const OrtSession& session, const onnx::ModelSummary& file,
                             OrtTensor heard) {
  const int64_t length = heard.shape[1];
  std::vector<OrtTensor> inputs = {std::move(heard), whole_numbers("lengths", length)};
  tell_nothing(file, inputs);
  auto outputs = session.run(std::move(inputs), {{"curves", {}, std::vector<float>{}}});
  return curves_of(outputs);
}

/// The states of a session, by the ports of the file: in, and then out in the same order.
struct States {
  std::vector<OrtTensor> in, out;

  explicit States(const onnx::ModelSummary& file) {
    for (const auto& port : file.inputs) {
      if (port.name.rfind("state_in_", 0) == 0) in.push_back(zeros(port));
    }
    for (const auto& port : file.outputs) {
      if (port.name.rfind("state_out_", 0) == 0) out.push_back(zeros(port));
    }
  }
  static OrtTensor zeros(const onnx::Port& port) {
    OrtTensor tensor{port.name, {1}, std::vector<float>{}};
    int64_t count = 1;
    for (size_t i = 1; i < port.dims.size(); ++i) {
      tensor.shape.push_back(std::get<int64_t>(port.dims[i]));
      count *= tensor.shape.back();
    }
    if (port.type == onnx::Type::int64) tensor.values = std::vector<int64_t>{};
    std::visit([&](auto& values) { values.resize(static_cast<size_t>(count)); }, tensor.values);
    return tensor;
  }
};

int64_t number_in(const onnx::ModelSummary& file, const std::string& wanted, int64_t otherwise) {
  for (const auto& [key, value] : file.info.metadata) {
    if (key == wanted) return std::stoll(value);
  }
  return otherwise;
}

/// A clip, [1, steps, …], as a session: chunk by chunk, then until the last curves are there; rows
/// of no frame are dropped.
std::vector<float> run_stream(const OrtSession& session, const onnx::ModelSummary& file,
                              const OrtTensor& clip, int64_t frames, int64_t curves) {
  const int64_t late = number_in(file, "lookahead_frames", 0);
  const int64_t unit = number_in(file, "chunk_samples", 1);
  const auto& values = std::get<std::vector<float>>(clip.values);
  const int64_t steps = clip.shape[1], step = static_cast<int64_t>(values.size()) / steps;
  States states(file);
  std::vector<float> all;
  const auto push = [&](int64_t begin, int64_t size) {
    const int64_t own = std::clamp<int64_t>(steps - begin, 0, size);
    std::vector<float> chunk(static_cast<size_t>(size * step), 0.0F);
    if (own > 0) std::copy_n(values.begin() + begin * step, own * step, chunk.begin());
    auto shape = clip.shape;
    shape[1] = size;
    std::vector<OrtTensor> inputs = {{clip.name, shape, chunk}, whole_numbers("lengths", own)};
    tell_nothing(file, inputs);
    inputs.insert(inputs.end(), states.in.begin(), states.in.end());
    std::vector<OrtTensor> outputs = {{"curves", {}, std::vector<float>{}}};
    outputs.insert(outputs.end(), states.out.begin(), states.out.end());
    outputs = session.run(std::move(inputs), std::move(outputs));
    const auto said = curves_of(outputs);
    all.insert(all.end(), said.begin(), said.end());
    for (size_t i = 0; i < states.in.size(); ++i) {
      states.in[i].values = std::move(outputs[i + 1].values);
    }
  };
  const auto wanted = static_cast<size_t>((late + frames) * curves);
  int64_t begin = 0;
  for (size_t i = 0; all.size() < wanted || begin < steps; ++i) {
    const int64_t size = kChunks[i % kChunks.size()] * unit;
    push(begin, size);
    begin += size;
  }
  const auto first = all.begin() + late * curves;
  return {first, first + frames * curves};
}

}  // namespace

Difference check_onnx(const train::Ensemble& models, const Options& options,
                      const std::filesystem::path& file, std::span<const float> audio,
                      const std::filesystem::path& library) {
  const double fps = models.card().fps;
  const auto frames = features::frame_count(static_cast<int64_t>(audio.size()), fps);
  const auto want = models.predict(audio, frames);
  const OrtSession session(library, file);
  const auto summary = onnx::read_summary(file);
  const auto clip = clip_of(models, options, audio, frames);
  const auto got = options.streaming
                       ? run_stream(session, summary, clip, frames, models.card().rig.size())
                       : run_whole(session, summary, clip);
  Difference out;
  out.frames = frames;
  // Another number of frames, or a value that is none, is as far as can be.
  out.largest = got.size() == want.data.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(got.size(), want.data.size()); ++i) {
    const double apart =
        std::isfinite(got[i]) ? std::abs(static_cast<double>(got[i]) - want.data[i]) : INFINITY;
    out.largest = std::max(out.largest, apart);
    out.squared += apart * apart / static_cast<double>(want.data.size());
  }
  return out;
}

}  // namespace kuchi::exporting
