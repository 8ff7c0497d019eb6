#include <algorithm>
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

std::string pad(const std::string& text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::string clip_line(const PreparedClip& prepared, size_t id_width) {
  const StoreClip& clip = prepared.clip;
  std::string line = cat("  ", pad(clip.id, id_width), "  ", pad(std::to_string(clip.frames), 6),
                         " frames  ", pad(clock_text(prepared.seconds), 7), "  ", prepared.split());
  if (clip.lag_ms) line += cat("  lag ", number(*clip.lag_ms, 3), " ms");
  if (prepared.clamped > 0) line += cat("  ", prepared.clamped, " values clamped");
  return line + "\n";
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
    one["lag_ms"] = or_null(clip.lag_ms);
    one["drift_ppm"] = or_null(clip.drift_ppm);
    one["confidence"] = or_null(clip.confidence);
    out["clips"].push_back(std::move(one));
  }
  out["skipped"] = json::array();
  for (const auto& skipped : report.skipped) {
    out["skipped"].push_back({{"id", skipped.id}, {"why", skipped.why}});
  }
  return out;
}

std::string to_text(const PrepareReport& report) {
  constexpr size_t kMostLines = 40;  // of a large data set, the first; --json has all
  double seconds = 0;
  size_t id_width = 0;
  for (const auto& clip : report.clips) {
    seconds += clip.seconds;
    id_width = std::max(id_width, clip.clip.id.size());
  }
  std::string out = cat(report.store.file.string(), ": ", report.clips.size(), " clips, ",
                        clock_text(seconds), ", ", report.store.frames, " frames at ",
                        number(report.store.fps, 5), " fps; rig ", report.store.rig.name, " (",
                        report.store.curves(), " curves), ", report.store.feature_signature, "\n");
  for (size_t i = 0; i < std::min(report.clips.size(), kMostLines); ++i) {
    out += clip_line(report.clips[i], id_width);
  }
  if (report.clips.size() > kMostLines) {
    out += cat("  … and ", report.clips.size() - kMostLines, " more\n");
  }
  if (!report.skipped.empty()) out += cat("skipped ", report.skipped.size(), ":\n");
  for (const auto& skipped : report.skipped) out += cat("  ", skipped.id, ": ", skipped.why, "\n");
  return out + "provenance:\n" + to_text(report.store.provenance);
}

}  // namespace kuchi::data
