// Frames of the Azure speech service: 55 values 60 times a second, which have no names in the file,
// and the list of frames by name and time that tools make of them.
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_frames.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace {

constexpr double kRate = 60;
constexpr int64_t kMostFrames = int64_t{1} << 32;  // two years of them
constexpr size_t kRotations = 3;

/// Its 55, whose order its documentation fixes: ARKit's 52 and three rotations.
std::vector<std::string> azure_names() {
  auto names = arkit_names();
  for (const char* name : {"headRoll", "leftEyeRoll", "rightEyeRoll"}) names.emplace_back(name);
  return names;
}

/// One event of the service: where its frames begin, and they.
void read_event(const JsonNode& event, Track& track) {
  const auto first = event.at("FrameIndex").index(kMostFrames);
  const auto rows = event.at("BlendShapes");
  for (size_t i = 0; i < rows.need_array().size(); ++i) {
    const auto row = rows.item(i);
    if (row.need_array().size() != track.names.size()) {
      row.fail(cat("has ", row.size(), " values, ", track.names.size(), " are needed; mend it"));
    }
    for (const auto& value : row.items()) {
      track.values.data.push_back(static_cast<float>(value.number()));
    }
    track.times_s.push_back((static_cast<double>(first) + static_cast<double>(i)) / kRate);
  }
  track.values.rows = static_cast<int64_t>(track.times_s.size());
}

}  // namespace

bool is_azure55(std::string_view head) {
  const char first = first_character(head);
  return (first == '{' || first == '[') && has_json_keys(head, {"FrameIndex", "BlendShapes"});
}

Track read_azure55(const std::filesystem::path& file, const ReadOptions&) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  Track track;
  track.provenance = provenance_of(document);
  track.names = azure_names();
  track.values.cols = static_cast<int64_t>(track.names.size());
  if (root.is_array()) {
    for (const auto& event : root.items()) read_event(event, track);
  } else {
    read_event(root, track);
  }
  return track;
}

void write_azure55(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                   const WriteOptions& options) {
  if (std::abs(options.fps - kRate) > 1e-9) {
    throw UserError(Exit::config,
                    cat("azure55 has ", kRate, " frames a second, ", number(options.fps),
                        " are asked for; give --fps 60, or write azure"));
  }
  const Matrix arkit = to_arkit(rig, values);
  io::write_atomically(file, [&](std::ostream& out) {
    out << "{\n\"FrameIndex\": 0" << provenance_key(options.provenance) << ",\n\"BlendShapes\": [";
    for (int64_t t = 0; t < arkit.rows; ++t) {
      out << (t > 0 ? ",\n[" : "\n[") << json_numbers(arkit.row(t));
      for (size_t i = 0; i < kRotations; ++i) out << ", 0";
      out << ']';
    }
    out << "\n]\n}\n";
  });
}

bool is_azure(std::string_view head) {
  return first_character(head) == '[' && has_json_key(head, "blendshapes") &&
         has_json_key(head, "time");
}

Track read_azure(const std::filesystem::path& file, const ReadOptions& options) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  Track track;
  read_json_frames(root, {{}, true, options.fps}, track);
  return track;
}

void write_azure(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                 const WriteOptions& options) {
  const Matrix arkit = to_arkit(rig, values);
  const auto names = azure_names();
  io::write_atomically(file, [&](std::ostream& out) {
    out << "[";
    for (int64_t t = 0; t < arkit.rows; ++t) {
      out << (t > 0 ? ",\n{" : "\n{")
          << "\"time\": " << number(static_cast<double>(t) / options.fps) << ", \"blendshapes\": {";
      for (size_t c = 0; c < names.size(); ++c) {
        const bool curve = c < kArkitNames.size();
        out << (c > 0 ? ", \"" : "\"") << names[c]
            << "\": " << (curve ? number(arkit(t, static_cast<int64_t>(c)), 9) : "0");
      }
      out << "}}";
    }
    out << "\n]\n";
  });
}

}  // namespace kuchi::curves
