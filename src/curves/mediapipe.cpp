// Scores of MediaPipe's face landmarker as JSON: by a list of names, or by name in each frame.
#include <algorithm>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_frames.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace {

/// Its 52 in its order: a neutral face first, ARKit's in alphabetical order, and no tongue.
std::vector<std::string> mediapipe_names() {
  auto names = arkit_names();
  std::erase(names, "tongueOut");
  std::sort(names.begin(), names.end());
  names.insert(names.begin(), "_neutral");
  return names;
}

}  // namespace

bool is_mediapipe(std::string_view head) {
  const char first = first_character(head);
  if (has_json_key(head, "categoryName") || has_json_key(head, "category_name")) {
    return first == '{' || first == '[';
  }
  const bool framed = has_json_keys(head, {"frames", "names"});
  const bool listed = has_json_key(head, "blendshapes") || has_json_key(head, "blendShapes");
  return (first == '{' && (framed || listed)) || (first == '[' && listed);
}

Track read_mediapipe(const std::filesystem::path& file, const ReadOptions& options) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  if (!root.is_array()) root.at("frames");
  Track track;
  track.provenance = provenance_of(document);
  track.unheld = {"tongueOut"};
  const auto names = root.find("names");
  const JsonFrames form{names ? names->names() : std::vector<std::string>{}, true,
                        frame_rate(root, options)};
  read_json_frames(root.is_array() ? root : root.at("frames"), form, track);
  return track;
}

void write_mediapipe(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options) {
  const auto names = mediapipe_names();
  const Matrix held = arkit_columns(to_arkit(rig, values), names);
  io::write_atomically(file, [&](std::ostream& out) {
    out << "{\n\"version\": 1,\n\"fps\": " << number(options.fps)
        << provenance_key(options.provenance) << ",\n\"names\": " << json_names(names)
        << ",\n\"frames\": [";
    for (int64_t t = 0; t < held.rows; ++t) {
      out << (t > 0 ? ",\n[" : "\n[") << json_numbers(held.row(t)) << ']';
    }
    out << "\n]\n}\n";
  });
}

}  // namespace kuchi::curves
