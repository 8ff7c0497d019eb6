// Audio2Face's other JSON: a list of frames, each with its Names and Weights, as it streams them.
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_frames.h"
#include "io/atomic_file.h"

namespace kuchi::curves {

bool is_a2f_frames(std::string_view head) {
  const char first = first_character(head);
  return (first == '{' || first == '[') && has_json_key(head, "Names") &&
         has_json_key(head, "Weights");
}

Track read_a2f_frames(const std::filesystem::path& file, const ReadOptions& options) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  const auto list = root.find_any({"frames", "Frames"});
  if (!list && !root.is_array()) root.fail("has no list of \"frames\"; export it again");
  Track track;
  track.provenance = provenance_of(document);
  const auto names = root.find("Names");  // once for all frames, where not in each
  const JsonFrames form{names ? names->names() : std::vector<std::string>{}, true,
                        frame_rate(root, options)};
  read_json_frames(list ? *list : root, form, track);
  return track;
}

/// The names stand in every frame, as the tool streams them: each line can be taken alone.
void write_a2f_frames(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                      const WriteOptions& options) {
  const Matrix arkit = to_arkit(rig, values);
  const std::string names = json_names(arkit_names());
  io::write_atomically(file, [&](std::ostream& out) {
    out << "{\n\"fps\": " << number(options.fps) << provenance_key(options.provenance)
        << ",\n\"frames\": [";
    for (int64_t t = 0; t < arkit.rows; ++t) {
      out << (t > 0 ? ",\n" : "\n") << "{\"time\": " << number(static_cast<double>(t) / options.fps)
          << ", \"Names\": " << names << ", \"Weights\": [" << json_numbers(arkit.row(t)) << "]}";
    }
    out << "\n]\n}\n";
  });
}

}  // namespace kuchi::curves
