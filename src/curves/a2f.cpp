// Audio2Face's JSON: exportFps, facsNames and one row of weights a frame.
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_file.h"
#include "io/atomic_file.h"
#include "io/json_text.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

const json& need(const json& root, const char* key, const fs::path& file) {
  const auto found = root.find(key);
  if (found == root.end()) {
    fail_data(file, cat("\"", key, "\" is missing; export it again as Audio2Face JSON"));
  }
  return *found;
}

void read_row(const json& row, int64_t frame, const fs::path& file, Matrix& values) {
  if (!row.is_array() || static_cast<int64_t>(row.size()) != values.cols) {
    fail_data(file, cat("weightMat[", frame, "] is no list of ", values.cols,
                        " numbers, one a name; export it again"));
  }
  for (const json& value : row) {
    if (!value.is_number()) {
      fail_data(file, cat("weightMat[", frame, "] holds something that is no number; mend it"));
    }
    values.data.push_back(static_cast<float>(value.get<double>()));
  }
  ++values.rows;
}

/// exportFps, or what is given for the files of other tools in this form, which leave it out.
double rate_of(const json& root, const ReadOptions& options, const fs::path& file) {
  const auto found = root.find("exportFps");
  if (found == root.end() && options.fps > 0) return options.fps;
  if (found == root.end()) {
    fail_data(file, cat("\"exportFps\" is missing; export it again, or ", kGiveRate));
  }
  const double rate = found->is_number() ? found->get<double>() : 0;
  if (!(rate > 0) || !std::isfinite(rate)) {
    fail_data(file, "\"exportFps\" is no rate above 0; mend it");
  }
  return rate;
}

}  // namespace

bool is_a2f(std::string_view head) {
  return first_character(head) == '{' &&
         (has_json_key(head, "facsNames") || has_json_key(head, "weightMat"));
}

Track read_a2f(const fs::path& file, const ReadOptions& options) {
  const json root = read_json(file);
  if (!root.is_object()) fail_data(file, "is no Audio2Face JSON: an object { } is needed");
  const double rate = rate_of(root, options, file);
  Track track;
  track.provenance = provenance_of(root);  // beside the exporter's own keys, looked up by name
  const json& names = need(root, "facsNames", file);
  if (!names.is_array()) fail_data(file, "\"facsNames\" is no list of names; mend it");
  for (const json& name : names) {
    if (!name.is_string())
      fail_data(file, "\"facsNames\" holds something that is no name; mend it");
    track.names.push_back(name.get<std::string>());
  }
  const json& rows = need(root, "weightMat", file);
  if (!rows.is_array()) fail_data(file, "\"weightMat\" is no list of rows; mend it");
  track.values.cols = static_cast<int64_t>(track.names.size());
  for (const json& row : rows) {
    read_row(row, track.values.rows, file, track.values);
    track.times_s.push_back(static_cast<double>(track.times_s.size()) / rate);
  }
  const auto promised = root.find("numFrames");
  if (promised != root.end() && *promised != track.values.rows) {
    fail_data(file, cat("\"numFrames\" promises ",
                        promised->is_number() ? promised->dump() : "no number of", " frames, ",
                        track.values.rows, " are there; export it again"));
  }
  return track;
}

void write_a2f(const fs::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options) {
  const Matrix arkit = to_arkit(rig, values);
  const json track_path = options.audio_name;
  io::write_atomically(file, [&](std::ostream& out) {
    out << "{\n\"exportFps\": " << number(options.fps)
        << ",\n\"trackPath\": " << io::json_text(track_path) << ",\n\"numPoses\": " << arkit.cols
        << ",\n\"numFrames\": " << arkit.rows << provenance_key(options.provenance)
        << ",\n\"facsNames\": [";
    for (size_t i = 0; i < kArkitNames.size(); ++i) {
      out << (i > 0 ? ", \"" : "\"") << kArkitNames[i] << '"';
    }
    out << "],\n\"weightMat\": [";
    for (int64_t t = 0; t < arkit.rows; ++t) {
      out << (t > 0 ? ",\n[" : "\n[");
      for (int64_t c = 0; c < arkit.cols; ++c) {
        out << (c > 0 ? ", " : "") << number(arkit(t, c), 9);
      }
      out << ']';
    }
    out << "\n]\n}\n";
  });
}

}  // namespace kuchi::curves
