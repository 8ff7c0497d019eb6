// TalkingHead's animation: steps in milliseconds (dt) and, by morph target, the values (vs).
#include <algorithm>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_frames.h"
#include "io/atomic_file.h"
#include "io/json_text.h"

namespace kuchi::curves {
namespace {

/// Ends of the steps, one after another, in seconds; the first value stands at 0.
std::vector<double> times_of(const JsonNode& steps) {
  std::vector<double> times = {0};
  for (size_t i = 0; i < steps.need_array().size(); ++i) {
    const auto step = steps.item(i);
    const double ms = step.number();
    if (ms < 0) step.fail("is a step back in time; mend it");
    times.push_back(times.back() + ms / 1000);
  }
  return times;
}

/// ARKit's curves that an animation of some of them leaves as they are, at rest; none of another
/// rig's are known.
std::vector<std::string> left_at_rest(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto name : kArkitNames) {
    if (std::find(names.begin(), names.end(), name) == names.end()) out.emplace_back(name);
  }
  return out.size() + names.size() == kArkitNames.size() ? out : std::vector<std::string>();
}

}  // namespace

bool is_talkinghead(std::string_view head) {
  return first_character(head) == '{' && has_json_keys(head, {"dt", "vs"});
}

/// With a value more than there are steps the first is where the first step begins; with as many as
/// steps each is where its step ends.
Track read_talkinghead(const std::filesystem::path& file, const ReadOptions&) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  Track track;
  track.provenance = provenance_of(document);
  auto times = times_of(root.at("dt"));
  const auto values = root.at("vs");
  for (const auto& [name, list] : values.need_object().value().items()) track.names.push_back(name);
  if (track.names.empty()) values.fail("names no curve; export it again");
  track.unheld = left_at_rest(track.names);
  const size_t count = values.entry(track.names[0]).need_array().size();
  if (count + 1 == times.size()) times.erase(times.begin());
  if (count != times.size()) {
    values.entry(track.names[0])
        .fail(cat("has ", count, " values for ", root.at("dt").size(), " steps; mend it"));
  }
  for (const auto& name : track.names) {  // all, before there is room made for them
    const auto list = values.entry(name);
    if (list.need_array().size() == count) continue;
    list.fail(
        cat("has ", list.size(), " values, \"", track.names[0], "\" has ", count, "; mend it"));
  }
  track.times_s = times;
  track.values = Matrix(static_cast<int64_t>(count), static_cast<int64_t>(track.names.size()));
  for (int64_t c = 0; c < track.values.cols; ++c) {
    const auto list = values.entry(track.names[static_cast<size_t>(c)]);
    for (int64_t t = 0; t < track.values.rows; ++t) {
      track.values(t, c) = static_cast<float>(list.item(static_cast<size_t>(t)).number());
    }
  }
  return track;
}

void write_talkinghead(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                       const WriteOptions& options) {
  const Matrix arkit = to_arkit(rig, values);
  const nlohmann::json name = options.audio_name.empty() ? "kuchi" : options.audio_name;
  io::write_atomically(file, [&](std::ostream& out) {
    out << "{\n\"name\": " << io::json_text(name) << provenance_key(options.provenance)
        << ",\n\"dt\": [";
    const int64_t steps = std::max<int64_t>(arkit.rows - 1, 1);
    for (int64_t t = 0; t < steps; ++t) out << (t > 0 ? ", " : "") << number(1000 / options.fps);
    out << "],\n\"vs\": {";
    for (int64_t c = 0; c < arkit.cols; ++c) {
      std::vector<float> column;
      for (int64_t t = 0; t < arkit.rows; ++t) column.push_back(arkit(t, c));
      out << (c > 0 ? ",\n\"" : "\n\"") << kArkitNames[static_cast<size_t>(c)] << "\": ["
          << json_numbers(column) << ']';
    }
    out << "\n}\n}\n";
  });
}

}  // namespace kuchi::curves
