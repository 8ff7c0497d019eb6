// Audio2Face's other JSON: a list of frames, each with its Names and Weights, as it streams them.
#include "curves/formats.h"
#include "curves/json_frames.h"

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

}  // namespace kuchi::curves
