// glTF 2.0: a triangle with a morph target a curve, none of which moves it, and an animation of
// their weights. Viewers play it, and tools take the animation over to a face by its target names.
#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "io/atomic_file.h"
#include "io/base64.h"
#include "io/glb.h"
#include "io/json_text.h"
#include "io/provenance_json.h"

namespace kuchi::curves {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFloat = 5126, kArrayBuffer = 34962;  // glTF's numbers for them
constexpr uint64_t kMostBytes = std::numeric_limits<uint32_t>::max() / 2;

/// The binary part as it grows, with its views and accessors.
class Buffer {
 public:
  int add(std::span<const float> values, const char* type, int64_t count, Json more = {},
          bool vertices = false) {
    Json view = {{"buffer", 0}, {"byteOffset", bytes.size()}, {"byteLength", values.size_bytes()}};
    if (vertices) view["target"] = kArrayBuffer;
    views.push_back(view);
    Json accessor = {{"bufferView", views.size() - 1},
                     {"componentType", kFloat},
                     {"count", count},
                     {"type", type}};
    if (more.is_object()) accessor.update(more);
    accessors.push_back(accessor);
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return static_cast<int>(accessors.size()) - 1;
  }

  std::string bytes;
  Json views = Json::array(), accessors = Json::array();
};

/// Whether floats, which glTF's times are, tell the frames apart: at 60 a second for a day and
/// more.
bool float_times_rise(int64_t frames, double fps) {
  const auto time = [&](int64_t t) { return static_cast<float>(static_cast<double>(t) / fps); };
  return frames < 2 || time(frames - 1) > time(frames - 2);
}

std::vector<float> frame_times(int64_t frames, double fps) {
  std::vector<float> times;
  for (int64_t t = 0; t < frames; ++t) {
    times.push_back(static_cast<float>(static_cast<double>(t) / fps));
  }
  return times;
}

Json asset(const Provenance& provenance) {
  Json out = {{"version", "2.0"}, {"generator", "Kuchi"}};
  if (provenance != Provenance{}) out["extras"] = {{"provenance", io::to_json(provenance)}};
  return out;
}

Json mesh(Buffer& buffer, const std::vector<std::string>& names) {
  constexpr std::array<float, 9> kTriangle = {0, 0, 0, 0.01f, 0, 0, 0, 0.01f, 0};  // metres
  constexpr std::array<float, 9> kStill = {};
  const int corners = buffer.add(kTriangle, "VEC3", 3,
                                 {{"min", {0.f, 0.f, 0.f}}, {"max", {0.01f, 0.01f, 0.f}}}, true);
  const int still =
      buffer.add(kStill, "VEC3", 3, {{"min", {0.f, 0.f, 0.f}}, {"max", {0.f, 0.f, 0.f}}}, true);
  const Json target = {{"POSITION", still}};
  Json targets = Json::array(), weights = Json::array();
  for (size_t i = 0; i < names.size(); ++i) {
    targets.push_back(target);
    weights.push_back(0.0);
  }
  Json primitive = {{"attributes", {{"POSITION", corners}}}, {"targets", targets}};
  return {{"name", "mouth"},
          {"primitives", Json::array({primitive})},
          {"weights", weights},
          {"extras", {{"targetNames", names}}}};
}

Json animation(Buffer& buffer, const Matrix& values, const WriteOptions& options) {
  const auto times = frame_times(values.rows, options.fps);  // [frames], rising
  const int input =
      buffer.add(times, "SCALAR", values.rows,
                 {{"min", Json::array({times.front()})}, {"max", Json::array({times.back()})}});
  const int output = buffer.add(values.data, "SCALAR", values.rows * values.cols);
  Json channel = {{"sampler", 0}, {"target", {{"node", 0}, {"path", "weights"}}}};
  Json sampler = {{"input", input}, {"interpolation", "LINEAR"}, {"output", output}};
  return {{"name", options.audio_name.empty() ? "mouth" : options.audio_name},
          {"channels", Json::array({channel})},
          {"samplers", Json::array({sampler})},
          {"extras", {{"fps", options.fps}}}};
}

}  // namespace

void write_gltf(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                const WriteOptions& options) {
  if (values.data.size() * sizeof(float) > kMostBytes ||
      !float_times_rise(values.rows, options.fps)) {
    fail_data(file, "would be longer than a glTF buffer may be; write fewer frames at once");
  }
  if (values.rows == 0) fail_data(file, "has no frames to write");
  Buffer buffer;
  const Json scene = {{"nodes", Json::array({0})}}, node = {{"name", "mouth"}, {"mesh", 0}};
  Json document = {{"asset", asset(options.provenance)}, {"scene", 0}};
  document["scenes"] = Json::array({scene});
  document["nodes"] = Json::array({node});
  document["meshes"] = Json::array({mesh(buffer, rig.names())});
  document["animations"] = Json::array({animation(buffer, values, options)});
  document["accessors"] = buffer.accessors;
  document["bufferViews"] = buffer.views;
  Json whole = {{"byteLength", buffer.bytes.size()}};
  const bool binary = lower(file.extension().string()) == ".glb";
  if (!binary) {
    whole["uri"] = "data:application/octet-stream;base64," +
                   io::base64(buffer.bytes.data(), buffer.bytes.size());
  }
  document["buffers"] = Json::array({whole});
  io::write_atomically(file, binary ? io::glb_file({io::json_text(document), buffer.bytes})
                                    : io::json_text(document, 1) + "\n");
}

}  // namespace kuchi::curves
