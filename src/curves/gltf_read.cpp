// glTF 2.0, .gltf and .glb: an animation of morph-target weights, by the targets' names.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "curves/json_file.h"
#include "io/atomic_file.h"
#include "io/base64.h"
#include "io/glb.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "glTF is little-endian");

/// How a component is stored; glTF 2.0, 3.6.2.2 and 3.11.
struct Component {
  int code;
  size_t bytes;
  double (*read)(const char* at);  // normalised integers as floats
};

template <typename T>
T stored(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

constexpr std::array<Component, 5> kComponents = {
    {{5120, 1, [](const char* at) { return std::max(stored<int8_t>(at) / 127.0, -1.0); }},
     {5121, 1, [](const char* at) { return stored<uint8_t>(at) / 255.0; }},
     {5122, 2, [](const char* at) { return std::max(stored<int16_t>(at) / 32767.0, -1.0); }},
     {5123, 2, [](const char* at) { return stored<uint16_t>(at) / 65535.0; }},
     {5126, 4, [](const char* at) { return static_cast<double>(stored<float>(at)); }}}};
constexpr int kFloatCode = 5126;

/// A glTF document and its buffers, loaded when they are asked for.
class Gltf {
 public:
  explicit Gltf(const fs::path& file) : file_(file) {
    std::string text = io::read_text(file);
    if (io::is_glb(text)) {
      binary_ = io::parse_glb(text, file);
      in_glb_ = true;
      text = std::move(binary_.json);
    }
    document_ = parse_json(file, text);
  }

  JsonNode root() const { return {file_, document_}; }
  /// An item of a list at the root, by the index that a node holds.
  JsonNode referred(const char* list, const JsonNode& index) const {
    const auto all = root().at(list);
    const auto count = static_cast<int64_t>(all.need_array().size());
    return all.item(static_cast<size_t>(index.index(count)));
  }
  /// All numbers of a SCALAR accessor.
  std::vector<double> scalars(const JsonNode& accessor);

 private:
  const std::string& buffer(const JsonNode& index);
  std::string load(const JsonNode& buffer, bool first) const;
  std::string beside(const JsonNode& uri) const;

  fs::path file_;
  nlohmann::json document_;
  io::Glb binary_;
  bool in_glb_ = false;
  std::vector<std::pair<int64_t, std::string>> loaded_;
};

constexpr int64_t kMost = int64_t{1} << 40;  // above any count and offset of a file that fits

std::vector<double> Gltf::scalars(const JsonNode& accessor) {
  if (accessor.find("sparse")) accessor.fail("is sparse, which is not read; export it dense");
  if (accessor.at("type").text() != "SCALAR") accessor.fail("is no SCALAR; export it again");
  const auto code = accessor.at("componentType").index(1 << 16);
  const auto kind = std::find_if(kComponents.begin(), kComponents.end(),
                                 [&](const Component& c) { return c.code == code; });
  const auto normalised = accessor.find("normalized");
  const bool fits = kind != kComponents.end() &&
                    (code == kFloatCode || (normalised && normalised->value() == true));
  if (!fits) accessor.fail("holds neither floats nor normalised integers; export it again");
  const auto view = referred("bufferViews", accessor.at("bufferView"));
  const std::string& bytes = buffer(view.at("buffer"));
  const auto optional = [](const JsonNode& node, const char* key) {
    const auto found = node.find(key);
    return found ? found->index(kMost) : 0;
  };
  const int64_t size = static_cast<int64_t>(bytes.size());
  const int64_t from = optional(view, "byteOffset"), length = view.at("byteLength").index(kMost);
  if (from > size || length > size - from) {
    view.fail(cat("leaves its buffer of ", size, " bytes; export it again"));
  }
  const int64_t width = static_cast<int64_t>(kind->bytes);
  const int64_t stride = view.find("byteStride") ? view.at("byteStride").index(256) : width;
  const int64_t start = optional(accessor, "byteOffset"), count = accessor.at("count").index(kMost);
  if (stride < width || count < 1 || start > length || width > length - start ||
      (count - 1) > (length - start - width) / stride) {
    accessor.fail(cat("wants ", count, " numbers, more than its view holds; export it again"));
  }
  std::vector<double> out;
  out.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    out.push_back(kind->read(&bytes[0] + from + start + i * stride));
  return out;
}

const std::string& Gltf::buffer(const JsonNode& index) {
  const auto node = referred("buffers", index);
  const auto which = index.index(kMost);
  for (const auto& [known, bytes] : loaded_) {
    if (known == which) return bytes;
  }
  loaded_.reserve(16);
  if (loaded_.size() == 16) node.fail("is one buffer too many for an animation; export it again");
  loaded_.emplace_back(which, load(node, which == 0));
  const auto promised = node.at("byteLength").index(kMost);
  const auto there = static_cast<int64_t>(loaded_.back().second.size());
  if (there < promised) {
    node.fail(cat("has ", there, " of ", promised, " bytes; export it again"));
  }
  return loaded_.back().second;
}

std::string Gltf::load(const JsonNode& buffer, bool first) const {
  const auto uri = buffer.find("uri");
  if (!uri) {
    if (!in_glb_ || !first)
      buffer.fail("has no \"uri\" and the file no such bytes; export it again");
    return binary_.bytes;
  }
  const std::string& text = uri->text();
  if (!text.starts_with("data:")) return beside(*uri);
  const auto comma = text.find(',');
  std::string bytes;
  if (comma == text.npos || text.substr(0, comma).find(";base64") == text.npos ||
      !io::from_base64(std::string_view(text).substr(comma + 1), bytes)) {
    uri->fail("is no data in base64; export it again");
  }
  return bytes;
}

/// A file in the same folder: what one sends beside a .gltf, and nothing else of the machine.
std::string Gltf::beside(const JsonNode& uri) const {
  const fs::path name = uri.text();
  const bool plain = name.has_filename() && name == name.filename() && name != "..";
  if (!plain || uri.text().find_first_of(":%\\") != std::string::npos) {
    uri.fail("is not the name of a file beside this one; export it with its data inside");
  }
  return io::read_text(file_.parent_path() / name);
}

/// The animation's channel that moves the most targets, and the mesh whose they are.
struct Channel {
  JsonNode sampler, mesh;
  std::vector<std::string> names;
};

std::vector<std::string> target_names(const JsonNode& mesh) {
  if (const auto extras = mesh.find("extras")) {
    if (const auto names = extras->find("targetNames")) return names->names();
  }
  for (const auto& primitive : mesh.at("primitives").items()) {
    const auto extras = primitive.find("extras");
    if (extras && extras->find("targetNames")) return extras->at("targetNames").names();
  }
  return {};
}

std::optional<Channel> widest_channel(const Gltf& gltf, const JsonNode& animation) {
  std::optional<Channel> widest;
  for (const auto& channel : animation.at("channels").items()) {
    const auto target = channel.at("target");
    if (target.at("path").value() != "weights" || !target.find("node")) continue;
    const auto node = gltf.referred("nodes", target.at("node"));
    const auto mesh = gltf.referred("meshes", node.at("mesh"));
    auto names = target_names(mesh);
    if (widest && names.size() <= widest->names.size()) continue;
    const auto samplers = animation.at("samplers");
    const auto which =
        channel.at("sampler").index(static_cast<int64_t>(samplers.need_array().size()));
    widest = Channel{samplers.item(static_cast<size_t>(which)), mesh, std::move(names)};
  }
  return widest;
}

/// Times are floats: where the file says its rate and each is the nearest float to its frame, the
/// frame's own time is meant.
void restore_grid(std::vector<double>& times, const JsonNode& animation) {
  const auto extras = animation.find("extras");
  if (!extras || !extras->find("fps") || !extras->at("fps").value().is_number()) return;
  const double fps = extras->at("fps").number();
  if (!(fps > 0)) return;
  std::vector<double> exact;
  for (size_t i = 0; i < times.size(); ++i) {
    exact.push_back(static_cast<double>(i) / fps);
    if (static_cast<double>(static_cast<float>(exact[i])) != times[i]) return;
  }
  times = std::move(exact);
}

Track read_channel(Gltf& gltf, const JsonNode& animation, const Channel& channel) {
  if (channel.names.empty()) {
    channel.mesh.fail("names no morph targets (extras.targetNames); export it with their names");
  }
  const auto said = channel.sampler.find("interpolation");
  const std::string how = said ? said->text() : "LINEAR";
  if (how != "LINEAR" && how != "CUBICSPLINE") {
    channel.sampler.fail(
        cat("interpolation \"", how.substr(0, 40), "\" is not read; bake the animation as LINEAR"));
  }
  Track track;
  track.names = channel.names;
  track.times_s = gltf.scalars(gltf.referred("accessors", channel.sampler.at("input")));
  restore_grid(track.times_s, animation);
  const auto output = gltf.referred("accessors", channel.sampler.at("output"));
  const auto values = gltf.scalars(output);
  const size_t columns = track.names.size(), rows = track.times_s.size();
  const size_t a_row = (how == "LINEAR" ? 1 : 3) * columns;  // tangent, value, tangent
  if (values.size() != rows * a_row) {
    output.fail(cat("has ", values.size(), " numbers for ", rows, " times of ", columns,
                    " targets; export it again"));
  }
  track.values = Matrix(static_cast<int64_t>(rows), static_cast<int64_t>(columns));
  for (size_t t = 0; t < rows; ++t) {
    const size_t from = t * a_row + (how == "LINEAR" ? 0 : columns);
    for (size_t c = 0; c < columns; ++c) {
      track.values.data[t * columns + c] = static_cast<float>(values[from + c]);
    }
  }
  return track;
}

}  // namespace

bool is_gltf(std::string_view head) {
  if (io::is_glb(head)) return true;
  return first_character(head) == '{' &&
         (has_json_key(head, "asset") || has_json_key(head, "bufferViews") ||
          has_json_key(head, "accessors"));
}

Track read_gltf(const fs::path& file, const ReadOptions&) {
  Gltf gltf(file);
  const auto root = gltf.root();
  const auto asset = root.at("asset");
  if (const auto& version = asset.at("version").text(); !version.starts_with("2.")) {
    asset.fail(cat("is glTF ", version.substr(0, 20), "; export it as glTF 2.0"));
  }
  if (const auto animations = root.find("animations")) {
    for (const auto& animation : animations->items()) {
      const auto channel = widest_channel(gltf, animation);
      if (!channel) continue;
      Track track = read_channel(gltf, animation, *channel);
      if (const auto extras = asset.find("extras"))
        track.provenance = provenance_of(extras->value());
      return track;
    }
  }
  fail_data(file, "animates no morph targets; export it with the animation of its shape keys");
}

}  // namespace kuchi::curves
