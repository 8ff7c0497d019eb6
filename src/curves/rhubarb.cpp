// Rhubarb's mouth cues: which of the shapes A to H and X is shown from when on. TSV and JSON.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "curves/json_file.h"
#include "curves/mouth_cues.h"
#include "curves/visemes.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "io/provenance_json.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

// Rhubarb's times have two digits, so that rows of this rate hold each cue exactly.
constexpr double kRowRate = 100;
constexpr double kLongest_s = 4 * 3600;
// A shape stays for 70 ms at least, as drawn animation wants it, and another takes its place where
// that brings the curves nearer by .05 (squared) for as long as 40 ms.
constexpr double kLeastStay_s = 0.07;
constexpr double kChange_s = 0.05 * 0.04;

struct Cue {
  double start_s = 0;
  int64_t shape = 0;  // in viseme_set("rhubarb")
};
/// Cues by rising start, and where the last one ends.
struct Cues {
  std::vector<Cue> cues;
  double end_s = 0;
};

int64_t shape_of(std::string_view name) {
  const auto& set = viseme_set("rhubarb");
  const auto found = std::find(set.names.begin(), set.names.end(), name);
  return found == set.names.end() ? -1 : found - set.names.begin();
}

/// What is wrong with a cue after the others; "": nothing.
std::string trouble(const Cues& cues, double start_s, std::string_view shape) {
  if (shape_of(shape) < 0) {
    return cat("\"", printable(shape.substr(0, 20)), "\" is no mouth shape; use A to H or X");
  }
  if (!(start_s >= 0) || start_s > kLongest_s) {
    return cat("is no time from 0 to ", kLongest_s, " s; mend it");
  }
  const bool back = !cues.cues.empty() && start_s < cues.cues.back().start_s;
  return back ? "is before the cue before it; cut the clip there or drop it" : "";
}

/// Cues whose time is over at once are shown nowhere.
void add(Cues& cues, double start_s, std::string_view shape) {
  if (!cues.cues.empty() && cues.cues.back().start_s == start_s) cues.cues.pop_back();
  cues.cues.push_back({start_s, shape_of(shape)});
  cues.end_s = start_s;
}

Cues read_tsv(const fs::path& file, const std::string& text) {
  Cues cues;
  int line = 0;
  for (const auto& whole : split(text, '\n')) {
    const std::string row =
        trim(++line == 1 && whole.starts_with("\xEF\xBB\xBF") ? whole.substr(3) : whole);
    if (row.empty()) continue;
    const auto cells = split(row, '\t');
    double start = 0;
    if (cells.size() != 2 || !parse_number(trim(cells[0]), start) || !std::isfinite(start)) {
      fail_data(Location{file.string(), line, 1},
                "is no cue; a time, a tab and a shape are needed");
    }
    const std::string shape = trim(cells[1]), wrong = trouble(cues, start, shape);
    if (!wrong.empty()) fail_data(Location{file.string(), line, 1}, wrong);
    add(cues, start, shape);
  }
  if (cues.cues.size() > 1) cues.cues.pop_back();  // the last one says where the others end
  return cues;
}

Cues read_document(const JsonNode& root) {
  Cues cues;
  for (const auto& node : root.at("mouthCues").need_array().items()) {
    const double start = node.at("start").number(), end = node.at("end").number();
    const std::string& shape = node.at("value").text();
    const std::string wrong = trouble(cues, start, shape);
    if (!wrong.empty()) node.fail(wrong);
    if (end < start || end > kLongest_s) node.fail("ends before it starts, or too late; mend it");
    add(cues, start, shape);
    cues.end_s = end;
  }
  return cues;
}

/// One row each 10 ms, in which the shape of the time weighs 1 and the others 0.
Track rows_of(const Cues& cues, const fs::path& file) {
  const auto& set = viseme_set("rhubarb");
  if (cues.cues.empty()) fail_data(file, "has no mouth cues; export it again");
  const double begin = cues.cues.front().start_s;
  const auto row = [&](double time_s) {
    return static_cast<int64_t>(std::llround((time_s - begin) * kRowRate));
  };
  Track track;
  track.visemes = set.set;
  track.names = set.names;
  track.values =
      Matrix(std::max<int64_t>(row(cues.end_s), 1), static_cast<int64_t>(set.names.size()));
  for (size_t i = 0; i < cues.cues.size(); ++i) {
    const bool last = i + 1 == cues.cues.size();
    const int64_t until = last ? track.values.rows : row(cues.cues[i + 1].start_s);
    for (int64_t t = row(cues.cues[i].start_s); t < until; ++t) {
      track.values(t, cues.cues[i].shape) = 1;
    }
  }
  for (int64_t t = 0; t < track.values.rows; ++t) {
    track.times_s.push_back(begin + static_cast<double>(t) / kRowRate);
  }
  return track;
}

/// The shapes' squared distances from each frame: [frames, shapes].
MatrixOf<double> distances(const Rig& rig, const Matrix& values) {
  const auto shapes = viseme_shapes(rig, viseme_set("rhubarb"));
  const auto offsets = viseme_offsets(shapes, rig, values);
  MatrixOf<double> out(offsets.rows, shapes.offsets.rows, 0.0);
  for (int64_t t = 0; t < out.rows; ++t) {
    for (int64_t s = 0; s < out.cols; ++s) {
      for (int64_t k = 0; k < offsets.cols; ++k) {
        const double apart = offsets(t, k) - shapes.offsets(s, k);
        out(t, s) += apart * apart;
      }
    }
  }
  return out;
}

/// A cue begins half-way between its first frame and the one before.
Cues decided(const Rig& rig, const Matrix& values, double fps) {
  const CueOptions how{static_cast<int64_t>(std::llround(kLeastStay_s * fps)), kChange_s * fps};
  const auto shapes = cheapest_shapes(distances(rig, values), how);
  Cues cues;
  for (size_t t = 0; t < shapes.size(); ++t) {
    if (t > 0 && shapes[t] == shapes[t - 1]) continue;
    cues.cues.push_back({t == 0 ? 0 : (static_cast<double>(t) - 0.5) / fps, shapes[t]});
  }
  cues.end_s = static_cast<double>(shapes.size()) / fps;
  return cues;
}

const std::string& shape_name(const Cue& cue) {
  return viseme_set("rhubarb").names[static_cast<size_t>(cue.shape)];
}

void put_tsv(std::ostream& out, const Cues& cues) {
  for (const auto& cue : cues.cues)
    out << fixed_text(cue.start_s, 2) << '\t' << shape_name(cue) << '\n';
  out << fixed_text(cues.end_s, 2) << "\tX\n";
}

void put_document(std::ostream& out, const Cues& cues, const WriteOptions& options) {
  const nlohmann::json sound = options.audio_name;
  out << "{\n\"metadata\": {\n\"soundFile\": " << io::json_text(sound)
      << ",\n\"duration\": " << fixed_text(cues.end_s, 2) << provenance_key(options.provenance)
      << "\n},\n\"mouthCues\": [";
  for (size_t i = 0; i < cues.cues.size(); ++i) {
    const bool last = i + 1 == cues.cues.size();
    out << (i > 0 ? ",\n" : "\n") << "{ \"start\": " << fixed_text(cues.cues[i].start_s, 2)
        << ", \"end\": " << fixed_text(last ? cues.end_s : cues.cues[i + 1].start_s, 2)
        << ", \"value\": \"" << shape_name(cues.cues[i]) << "\" }";
  }
  out << "\n]\n}\n";
}

}  // namespace

bool is_rhubarb(std::string_view head) {
  if (first_character(head) == '{') return has_json_key(head, "mouthCues");
  const std::string line(head.substr(0, std::min<size_t>(head.find('\n'), 40)));
  const auto cells = split(trim(line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line), '\t');
  double start = 0;
  return cells.size() == 2 && parse_number(cells[0], start) && shape_of(trim(cells[1])) >= 0;
}

Track read_rhubarb(const fs::path& file, const ReadOptions&) {
  const std::string text = io::read_text(file);
  if (first_character(text) != '{') return rows_of(read_tsv(file, text), file);
  const auto document = parse_json(file, text);
  const JsonNode root(file, document);
  Track track = rows_of(read_document(root), file);
  if (const auto metadata = root.find("metadata")) {
    track.provenance = provenance_of(metadata->value());
  }
  return track;
}

void write_rhubarb(const fs::path& file, const Rig& rig, const Matrix& values,
                   const WriteOptions& options) {
  if (values.rows == 0) fail_data(file, "has no frames to write");
  const Cues cues = decided(rig, values, options.fps);
  if (cues.end_s > kLongest_s) {
    fail_data(file, cat("mouth cues may last ", kLongest_s, " s; write fewer frames at once"));
  }
  const bool table = lower(file.extension().string()) == ".tsv";
  io::write_atomically(file, [&](std::ostream& out) {
    if (table) {
      put_tsv(out, cues);
    } else {
      put_document(out, cues, options);
    }
  });
}

}  // namespace kuchi::curves
