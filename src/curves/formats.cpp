#include "curves/formats.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "io/atomic_file.h"

namespace kuchi::curves {
namespace fs = std::filesystem;

const std::vector<Format>& formats() {
  static const std::vector<Format> list = {
      // NumPy refuses further keys in an NPY header, and a CSV has no comments: a line too many,
      // or a column too many, breaks its readers. A list of frames has no place beside them.
      {"npy", is_npy, read_npy_track, write_npy_track, false, ".npy"},
      {"npz", is_npz, read_npz_track, write_npz_track, true, ".npz"},
      {"gltf", is_gltf, read_gltf, write_gltf, true, ".gltf"},
      {"a2f", is_a2f, read_a2f, write_a2f, true},
      {"a2f-frames", is_a2f_frames, read_a2f_frames, write_a2f_frames, true},
      {"oculus", is_oculus, read_oculus, write_oculus, true, ".json", ".csv"},
      {"vrm", is_vrm, read_vrm, write_vrm, true, ".json", ".csv"},
      {"mpeg4", is_mpeg4, read_mpeg4, write_mpeg4, true, ".json", ".csv"},
      {"rhubarb", is_rhubarb, read_rhubarb, write_rhubarb, true, ".json", ".tsv"},
      {"talkinghead", is_talkinghead, read_talkinghead, write_talkinghead, true},
      {"azure55", is_azure55, read_azure55, write_azure55, true},
      {"azure", is_azure, read_azure, write_azure, false},
      {"beat", is_beat, read_beat, write_beat, true},
      {"mediapipe", is_mediapipe, read_mediapipe, write_mediapipe, true},
      {"a2f-csv", is_a2f_csv, read_a2f_csv, write_a2f_csv, false, ".csv"},
      {"livelink", is_livelink, read_livelink, write_livelink, false, ".csv"},
      {"arkit", is_arkit_csv, read_arkit_csv, nullptr, false, ".csv"},
      {"csv", is_csv, read_csv, write_csv, false, ".csv"},
  };
  return list;
}

namespace {

std::string head_of(const fs::path& file) {
  std::error_code ec;
  const auto status = fs::status(file, ec);
  if (ec || !fs::exists(status)) fail_data(file, "no such file; check the path");
  if (fs::is_directory(status)) fail_data(file, "is a directory, a curve file is needed here");
  std::ifstream in(file, std::ios::binary);
  if (!in) fail_data(file, "cannot be opened; check its permissions");
  std::string head(kHeadBytes, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(in.gcount()));
  if (head.empty()) fail_data(file, "is an empty file (0 bytes); export it again");
  return head;
}

const Format& readable_format(const fs::path& file, const std::string& name) {
  const std::string head = head_of(file);
  for (const Format& format : formats()) {
    if (format.read == nullptr) continue;
    if (name == "auto" ? format.matches(head) : format.name == name) return format;
  }
  const auto known = readable_formats();
  if (name != "auto") {
    throw UserError(Exit::config,
                    cat("no curve format \"", name, "\" can be read",
                        advice(name, known, "use auto or one of: " + join(known, ", "))));
  }
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    fail_data(file, "is UTF-16 text; save it as UTF-8");
  }
  const size_t mark = head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const auto first = head.find_first_not_of(" \t\r\n", mark);
  const bool json = first != std::string::npos && (head[first] == '{' || head[first] == '[');
  fail_data(file, cat("is of no known curve format (",
                      json ? "a JSON needs frames with names or blendshapes, facsNames and "
                             "weightMat, dt and vs, BlendShapes or mouthCues"
                           : "a CSV needs a header with a time column or ARKit names",
                      "); known: ", join(known, ", ")));
}

/// A tool that is asked for a frame before it has a new one writes the last once more, time and
/// all: the first of such rows is kept. Times of which most do not move are no times: left to be
/// refused.
void drop_repeated(Track& track) {
  auto& times = track.times_s;
  size_t distinct = 1;
  for (size_t i = 1; i < times.size(); ++i) distinct += times[i] == times[i - 1] ? 0 : 1;
  if (distinct == times.size() || distinct == 1 || 2 * distinct < times.size()) return;
  size_t kept = 1;
  for (size_t i = 1; i < times.size(); ++i) {
    if (times[i] == times[kept - 1]) continue;
    if (kept < i) {
      times[kept] = times[i];
      const auto from = track.values.row(static_cast<int64_t>(i));
      std::copy(from.begin(), from.end(), track.values.row(static_cast<int64_t>(kept)).begin());
    }
    ++kept;
  }
  track.repeated += static_cast<int64_t>(times.size() - kept);
  times.resize(kept);
  track.values.rows = static_cast<int64_t>(kept);
  track.values.data.resize(kept * static_cast<size_t>(track.values.cols));
}

/// Times from 0, the measured rate, and what no format may hold.
void complete(Track& track, const fs::path& file) {
  if (track.values.rows == 0) fail_data(file, "has no rows of curves; export it again");
  if (track.values.cols == 0) fail_data(file, "has no curves; export it again");
  for (int64_t r = 0; r < track.values.rows; ++r) {
    for (int64_t c = 0; c < track.values.cols; ++c) {
      if (std::isfinite(track.values(r, c))) continue;
      fail_data(file, cat("row ", r + 1, ", curve \"", track.names[static_cast<size_t>(c)],
                          "\" is NaN or infinite; mend or cut it there"));
    }
  }
  std::set<std::string> seen;
  for (const auto& name : track.names) {
    if (!seen.insert(name).second) {
      fail_data(file, cat("curve \"", name, "\" is there twice; keep one"));
    }
  }
  drop_repeated(track);
  auto& times = track.times_s;
  for (size_t i = 0; i < times.size(); ++i) {
    if (!std::isfinite(times[i]) || (i > 0 && times[i] <= times[i - 1])) {
      fail_data(file, cat("the time of row ", i + 1, " is not after the one before; cut it there"));
    }
  }
  const double first = times.front();
  for (double& time : times) time -= first;
  constexpr double kLongest_s = 7 * 86400;
  if (times.back() > kLongest_s) {
    fail_data(file, cat("goes on for ", number(times.back(), 4),
                        " s; are its times seconds? Mend them, or cut the file into pieces"));
  }
  if (times.size() > 1) track.fps = static_cast<double>(times.size() - 1) / times.back();
}

}  // namespace

Track read_track(const fs::path& file, const ReadOptions& options) {
  const Format& format = readable_format(file, options.format);
  Track track = format.read(file, options);
  track.format = format.name;
  complete(track, file);
  return track;
}

std::string format_of(const fs::path& file) {
  try {
    return std::string(readable_format(file, "auto").name);
  } catch (const UserError& error) {
    if (error.code() != Exit::data) throw;
    return "";
  }
}

void write_track(const fs::path& file, const std::string& format, const Rig& rig,
                 const Matrix& values, const WriteOptions& options) {
  const auto known = writable_formats();
  const auto found = std::find_if(formats().begin(), formats().end(), [&](const Format& f) {
    return f.write != nullptr && f.name == format;
  });
  if (found == formats().end()) {
    throw UserError(Exit::config, cat("no curve format \"", format, "\" can be written",
                                      advice(format, known, "use one of: " + join(known, ", "))));
  }
  if (values.cols != rig.size()) throw std::logic_error("write_track: values are not on the rig");
  if (!(options.fps > 0) || !std::isfinite(options.fps) || options.fps > 1000) {
    throw UserError(Exit::config, cat("fps = ", number(options.fps),
                                      " cannot be written; give a rate above 0, at most 1000"));
  }
  for (size_t i = 0; i < values.data.size(); ++i) {
    if (std::isfinite(values.data[i])) continue;
    const auto columns = static_cast<size_t>(values.cols);
    fail_data(file, cat("frame ", i / columns, ", curve \"", rig.curves[i % columns].name,
                        "\" is NaN or infinite; nothing was written, check where it comes from"));
  }
  io::refuse_overwrite(file, options.force);
  found->write(file, rig, values, options);
}

std::vector<std::string> readable_formats() {
  std::vector<std::string> names;
  for (const Format& format : formats()) {
    if (format.read != nullptr) names.emplace_back(format.name);
  }
  return names;
}

std::vector<std::string> writable_formats() {
  std::vector<std::string> names;
  for (const Format& format : formats()) {
    if (format.write != nullptr) names.emplace_back(format.name);
  }
  return names;
}

bool holds_provenance(const std::string& format, const fs::path& file) {
  const std::string ending = lower(file.extension().string());
  return std::any_of(formats().begin(), formats().end(), [&](const Format& f) {
    const bool table = !ending.empty() && ending == f.table_ending;
    return f.name == format && f.holds_provenance && !table;
  });
}

std::string usual_ending(const std::string& format) {
  for (const Format& f : formats()) {
    if (f.name == format) return std::string(f.ending);
  }
  return "";
}

namespace {

/// The formula that gives one ARKit curve and the rig's columns it takes; none: stays 0.
struct ArkitSource {
  const Expression* formula = nullptr;  // null: the one column as it is
  std::vector<int64_t> columns;
};

ArkitSource source_of(const Rig& rig, std::string_view arkit) {
  ArkitSource source;
  for (const auto& [name, formula] : rig.to_arkit) {
    if (plain_name(name) != plain_name(arkit)) continue;
    source.formula = &formula;
    for (const auto& own : formula.names()) source.columns.push_back(rig.index(own));
    return source;
  }
  if (const int64_t own = rig.index(arkit); own >= 0) source.columns.push_back(own);
  return source;
}

}  // namespace

Matrix to_arkit(const Rig& rig, const Matrix& values) {
  Matrix out(values.rows, static_cast<int64_t>(kArkitNames.size()));
  bool any = false;
  for (int64_t c = 0; c < out.cols; ++c) {
    const ArkitSource source = source_of(rig, kArkitNames[static_cast<size_t>(c)]);
    if (source.columns.empty()) continue;
    any = true;
    std::vector<double> arguments(source.columns.size());
    for (int64_t t = 0; t < values.rows; ++t) {
      for (size_t i = 0; i < arguments.size(); ++i) arguments[i] = values(t, source.columns[i]);
      const double value = source.formula ? source.formula->evaluate(arguments) : arguments[0];
      out(t, c) = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
  }
  if (!any) {
    throw UserError(Exit::config, cat("rig \"", rig.name,
                                      "\" gives no ARKit curve; add to_arkit "
                                      "to its file, or write npy or csv"));
  }
  return out;
}

std::vector<bool> gives_arkit(const Rig& rig) {
  std::vector<bool> given;
  for (const auto name : kArkitNames) given.push_back(!source_of(rig, name).columns.empty());
  return given;
}

Matrix arkit_columns(const Matrix& arkit, const std::vector<std::string>& names) {
  Matrix out(arkit.rows, static_cast<int64_t>(names.size()));
  for (int64_t c = 0; c < out.cols; ++c) {
    const auto found =
        std::find(kArkitNames.begin(), kArkitNames.end(), names[static_cast<size_t>(c)]);
    if (found == kArkitNames.end()) continue;
    for (int64_t t = 0; t < out.rows; ++t) out(t, c) = arkit(t, found - kArkitNames.begin());
  }
  return out;
}

std::string fixed_text(double value, int digits) {
  char buffer[512];
  const auto end = digits < 0 ? std::to_chars(buffer, buffer + sizeof buffer, value)
                              : std::to_chars(buffer, buffer + sizeof buffer, value,
                                              std::chars_format::fixed, digits);
  return std::string(buffer, end.ptr);
}

}  // namespace kuchi::curves
