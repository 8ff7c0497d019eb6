#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "data/prepare.h"
#include "io/provenance_json.h"

namespace kuchi::data {
namespace {

/// The keys are always there for scripts; what was not measured is null.
nlohmann::json or_null(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

using Row = std::vector<std::string>;

std::string signed_number(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  const double rounded = std::round(value * scale) / scale;
  return cat(rounded > 0 ? "+" : "", number(rounded == 0 ? 0 : rounded, 8));
}

/// What happened to a clip on its way, in words; "-": nothing.
std::string done_to(const PreparedClip& prepared, double fps) {
  Row done;
  const Capture& capture = prepared.capture;
  if (capture.fps > 0 && std::abs(capture.fps / fps - 1) > 1e-4) {
    done.push_back(cat(number(capture.fps, 5), " -> ", number(fps, 5), " fps"));
  }
  if (capture.repeated > 0) done.push_back(cat(capture.repeated, " repeated rows left out"));
  if (capture.missing > 0) done.push_back(cat(capture.missing, " missing rows filled"));
  if (capture.placed_s) {
    done.push_back(
        cat("begins ", signed_number(*capture.placed_s, 3), " s after the sound, by clocks"));
  }
  const auto& correction = prepared.correction;
  if (correction.slope_ppm != 0) {
    done.push_back(cat("drift of ", signed_number(correction.slope_ppm, 0), " ppm taken out"));
  }
  if (correction.shift_ms != 0) {
    done.push_back(cat("curves moved by ", signed_number(correction.shift_ms, 1), " ms"));
  }
  if (prepared.clamped > 0) done.push_back(cat(prepared.clamped, " values clamped"));
  return done.empty() ? "-" : join(done, ", ");
}

Row clip_row(const PreparedClip& prepared, double fps) {
  const StoreClip& clip = prepared.clip;
  const Capture& capture = prepared.capture;
  Row row = {clip.id,
             std::to_string(capture.rows),
             number(capture.fps, 6),
             std::to_string(clip.frames),
             clock_text(prepared.seconds),
             prepared.split(),
             cat(number(std::round(1000 * capture.coverage) / 10, 4), " %")};
  const auto& sync = prepared.sync;
  row.push_back(sync ? signed_number(sync->lag_ms, 0) : "-");
  row.push_back(sync && prepared.usual_ms ? signed_number(sync->lag_ms - *prepared.usual_ms, 0)
                                          : "-");
  row.push_back(sync && sync->drift_ppm ? cat(signed_number(*sync->drift_ppm, 0), " ±",
                                              number(std::round(sync->drift_error_ppm), 4))
                                        : "-");
  row.push_back(sync ? number(std::round(100 * sync->confidence) / 100, 3) : "-");
  row.push_back(done_to(prepared, fps));
  return row;
}

/// Characters, not bytes, of UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Columns of even width, the last as long as it is.
std::string table_of(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const bool last = c + 1 == row.size();
      line += "  " + row[c] + std::string(last ? 0 : widths[c] - width_of(row[c]), ' ');
    }
    out += line + "\n";
  }
  return out;
}

/// The set's; nothing where several sets are joined, each of which has its own.
std::optional<double> usual_lag(const PrepareReport& report) {
  if (report.clips.empty() || !report.store.sets.empty()) return std::nullopt;
  return report.clips[0].usual_ms;
}

nlohmann::json sync_json(const PreparedClip& prepared) {
  if (!prepared.sync) return nullptr;
  const sync::Estimate& found = *prepared.sync;
  nlohmann::json out = {{"drift_error_ppm", found.drift_error_ppm},
                        {"moved_ms", prepared.correction.shift_ms},
                        {"drift_taken_out_ppm", prepared.correction.slope_ppm}};
  out["deviation_ms"] = prepared.usual_ms ? nlohmann::json(found.lag_ms - *prepared.usual_ms)
                                          : nlohmann::json(nullptr);
  for (const auto& window : found.windows) {
    out["windows"].push_back({window.middle_s, window.lag_ms, window.strength});
  }
  return out;
}

}  // namespace

nlohmann::json to_json(const PrepareReport& report) {
  using nlohmann::json;
  json out;
  out["store"] = report.store.file.string();
  out["hash"] = report.store.hash;
  out["provenance"] = io::to_json(report.store.provenance);
  out["rig"] = report.store.rig.name;
  out["curves"] = report.store.curves();
  out["names"] = report.store.rig.names();
  out["features"] = report.store.feature_signature;
  out["dim"] = report.store.dim;
  out["fps"] = report.store.fps;
  out["clips"] = json::array();
  for (const auto& prepared : report.clips) {
    const StoreClip& clip = prepared.clip;
    json one = {{"id", clip.id},
                {"frames", clip.frames},
                {"fps", report.store.fps},
                {"seconds", prepared.seconds},
                {"split", prepared.split()},
                {"split_frames",
                 {{"train", prepared.train}, {"valid", prepared.valid}, {"test", prepared.test}}},
                {"clamped", prepared.clamped}};
    for (const auto& [name, value] : clip.labels) one["labels"][name] = value;
    const auto& found = prepared.sync;  // before anything was corrected
    one["lag_ms"] = found ? json(found->lag_ms) : json(nullptr);
    one["drift_ppm"] = or_null(found ? found->drift_ppm : std::nullopt);
    one["confidence"] = found ? json(found->confidence) : json(nullptr);
    one["sync"] = sync_json(prepared);
    one["rows"] = prepared.capture.rows;
    one["rows_fps"] = prepared.capture.fps;
    one["repeated_rows"] = prepared.capture.repeated;
    one["missing_rows"] = prepared.capture.missing;
    one["coverage"] = prepared.capture.coverage;
    one["placed_s"] = or_null(prepared.capture.placed_s);
    one["done"] = done_to(prepared, report.store.fps);
    out["clips"].push_back(std::move(one));
  }
  out["usual_lag_ms"] = or_null(usual_lag(report));
  out["skipped"] = json::array();
  for (const auto& skipped : report.skipped) {
    out["skipped"].push_back({{"id", skipped.id}, {"why", skipped.why}});
  }
  return out;
}

std::string to_text(const PrepareReport& report) {
  constexpr size_t kMostLines = 40;  // of a large data set, the first; --json has all
  double seconds = 0;
  for (const auto& clip : report.clips) seconds += clip.seconds;
  std::string out = cat(report.store.file.string(), ": ", report.clips.size(), " clips, ",
                        clock_text(seconds), ", ", report.store.frames, " frames at ",
                        number(report.store.fps, 5), " fps; rig ", report.store.rig.name, " (",
                        report.store.curves(), " curves), ", report.store.feature_signature, "\n");
  std::vector<Row> rows = {{"clip", "rows", "rate", "frames", "time", "split", "coverage", "lag ms",
                            "from usual", "drift ppm", "confidence", "done"}};
  for (size_t i = 0; i < std::min(report.clips.size(), kMostLines); ++i) {
    rows.push_back(clip_row(report.clips[i], report.store.fps));
  }
  out += table_of(rows);
  if (report.clips.size() > kMostLines) {
    out += cat("  … and ", report.clips.size() - kMostLines, " more\n");
  }
  if (const auto usual = usual_lag(report)) {
    out += cat("usual lag ", signed_number(*usual, 1), " ms (positive: the audio is late)\n");
  }
  if (!report.skipped.empty()) out += cat("skipped ", report.skipped.size(), ":\n");
  for (const auto& skipped : report.skipped) out += cat("  ", skipped.id, ": ", skipped.why, "\n");
  return out + "provenance:\n" + to_text(report.store.provenance);
}

}  // namespace kuchi::data
