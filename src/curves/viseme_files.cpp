// Weights of visemes as files, a set a format: CSV (time, then the names) or JSON
// {"visemes": "oculus", "fps": 30, "names": […], "frames": [[…], …]}.
#include <algorithm>

#include "core/text.h"
#include "curves/csv_track.h"
#include "curves/formats.h"
#include "curves/json_frames.h"
#include "curves/visemes.h"
#include "io/atomic_file.h"
#include "io/input_file.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

/// A table all of whose columns are the set's, and at least half of it.
bool is_table(const VisemeNames& set, std::string_view head) {
  const auto header = csv_header_of(head);
  const bool all = std::all_of(header.names.begin(), header.names.end(),
                               [&](const auto& name) { return set.index(name) >= 0; });
  return header.time != CsvHeader::Time::none && all && 2 * header.names.size() >= set.names.size();
}

bool is_document(const VisemeNames& set, std::string_view head) {
  return first_character(head) == '{' && has_json_key(head, "visemes") &&
         has_json_key(head, "frames") && head.find(cat('"', set.set, '"')) != head.npos;
}

Track read_document(const fs::path& file, const VisemeNames& set, const ReadOptions& options) {
  const auto document = read_json(file);
  const JsonNode root(file, document);
  if (root.at("visemes").text() != set.set) {
    root.at("visemes").fail(cat("is not \"", set.set, "\"; give the format that it names"));
  }
  Track track;
  track.provenance = provenance_of(document);
  const auto names = root.at("names");
  read_json_frames(root.at("frames"), {names.names(), false, frame_rate(root, options)}, track);
  for (size_t i = 0; i < track.names.size(); ++i) {
    if (set.index(track.names[i]) >= 0) continue;
    names.item(i).fail(cat("\"", track.names[i].substr(0, 60), "\" is no viseme of ", set.set,
                           "; use: ", join(set.names, ", ")));
  }
  return track;
}

Track read_weights(const fs::path& file, const VisemeNames& set, const ReadOptions& options) {
  const io::InputFile bytes(file);
  const bool json = first_character(bytes.text(0, std::min<uint64_t>(bytes.size(), 64))) == '{';
  Track track = json ? read_document(file, set, options) : read_csv_track(file, options);
  for (auto& name : track.names) {
    const int64_t index = set.index(name);
    if (index >= 0) name = set.names[static_cast<size_t>(index)];
  }
  track.visemes = set.set;
  return track;
}

void put_table(std::ostream& out, const VisemeNames& set, const Matrix& weights, double fps) {
  out << "time," << join(set.names, ",") << '\n';
  for (int64_t t = 0; t < weights.rows; ++t) {
    out << number(static_cast<double>(t) / fps);
    for (const float value : weights.row(t)) out << ',' << number(value, 9);
    out << '\n';
  }
}

void put_document(std::ostream& out, const VisemeNames& set, const Matrix& weights,
                  const WriteOptions& options) {
  out << "{\n\"visemes\": \"" << set.set << "\",\n\"fps\": " << number(options.fps)
      << provenance_key(options.provenance) << ",\n\"names\": " << json_names(set.names)
      << ",\n\"frames\": [";
  for (int64_t t = 0; t < weights.rows; ++t) {
    out << (t > 0 ? ",\n[" : "\n[") << json_numbers(weights.row(t)) << ']';
  }
  out << "\n]\n}\n";
}

void write_weights(const fs::path& file, const VisemeNames& set, const Rig& rig,
                   const Matrix& values, const WriteOptions& options) {
  const Matrix weights = to_visemes(rig, set, values);
  const bool table = lower(file.extension().string()) == ".csv";
  io::write_atomically(file, [&](std::ostream& out) {
    if (table) {
      put_table(out, set, weights, options.fps);
    } else {
      put_document(out, set, weights, options);
    }
  });
}

bool is_set(const char* set, std::string_view head) {
  const auto& names = viseme_set(set);
  return is_document(names, head) || is_table(names, head);
}

}  // namespace

bool is_oculus(std::string_view head) { return is_set("oculus", head); }
Track read_oculus(const fs::path& file, const ReadOptions& options) {
  return read_weights(file, viseme_set("oculus"), options);
}
void write_oculus(const fs::path& file, const Rig& rig, const Matrix& values,
                  const WriteOptions& options) {
  write_weights(file, viseme_set("oculus"), rig, values, options);
}

bool is_vrm(std::string_view head) { return is_set("vrm", head); }
Track read_vrm(const fs::path& file, const ReadOptions& options) {
  return read_weights(file, viseme_set("vrm"), options);
}
void write_vrm(const fs::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options) {
  write_weights(file, viseme_set("vrm"), rig, values, options);
}

bool is_mpeg4(std::string_view head) { return is_set("mpeg4", head); }
Track read_mpeg4(const fs::path& file, const ReadOptions& options) {
  return read_weights(file, viseme_set("mpeg4"), options);
}
void write_mpeg4(const fs::path& file, const Rig& rig, const Matrix& values,
                 const WriteOptions& options) {
  write_weights(file, viseme_set("mpeg4"), rig, values, options);
}

}  // namespace kuchi::curves
