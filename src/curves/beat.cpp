// The JSON of the BEAT data set: names, and frames with weights, time and rotation.
#include <algorithm>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_frames.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace {

/// Its 51: ARKit's without the tongue, in alphabetical order.
std::vector<std::string> beat_names() {
  auto names = arkit_names();
  std::erase(names, "tongueOut");
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool is_beat(std::string_view head) {
  return first_character(head) == '{' && has_json_key(head, "weights") &&
         has_json_keys(head, {"names", "frames"});
}

Track read_beat(const std::filesystem::path& file, const ReadOptions& options) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  Track track;
  track.provenance = provenance_of(document);
  track.unheld = {"tongueOut"};
  read_json_frames(root.at("frames"), {root.at("names").names(), true, frame_rate(root, options)},
                   track);
  return track;
}

void write_beat(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                const WriteOptions& options) {
  const auto names = beat_names();
  const Matrix held = arkit_columns(to_arkit(rig, values), names);
  io::write_atomically(file, [&](std::ostream& out) {
    out << "{\n\"names\": " << json_names(names) << provenance_key(options.provenance)
        << ",\n\"frames\": [";
    for (int64_t t = 0; t < held.rows; ++t) {
      out << (t > 0 ? ",\n" : "\n") << "{\"weights\": [" << json_numbers(held.row(t))
          << "], \"time\": " << number(static_cast<double>(t) / options.fps)
          << ", \"rotation\": []}";
    }
    out << "\n]\n}\n";
  });
}

}  // namespace kuchi::curves
