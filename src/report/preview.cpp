#include "report/preview.h"

#include <algorithm>
#include <set>

#include "audio/audio.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/track.h"
#include "data/srt.h"

namespace kuchi::report {
namespace fs = std::filesystem;
namespace {

constexpr double kMayDiffer_s = 0.5;
constexpr double kFastest_hz = 1000;  // of any capture, as --in-fps has it

curves::Track read(const PreviewOptions& options, const fs::path& file) {
  curves::ReadOptions how;
  how.fps = options.in_fps;
  how.names_file = options.names;
  auto track = curves::read_track(file, how);
  if (track.fps > kFastest_hz) {
    fail_data(file, cat("its rows are ", number(1 / track.fps, 3),
                        " s apart; are its times in seconds?"));
  }
  return track;
}

bool fits(const curves::Track& track, const curves::Rig& rig) {
  std::set<std::string> have;
  for (const auto& name : track.names) have.insert(plain_name(name));
  return std::all_of(rig.curves.begin(), rig.curves.end(), [&](const curves::Curve& curve) {
    return have.count(plain_name(curve.name)) > 0;
  });
}

/// The largest of the shipped rigs all of whose curves the file has.
curves::Rig find_rig(const curves::Track& track, const fs::path& file) {
  const auto names = curves::shipped_rigs();
  std::optional<curves::Rig> best;
  for (const auto& name : names) {
    auto rig = curves::load_rig(name);
    if (fits(track, rig) && (!best || rig.size() > best->size())) best = std::move(rig);
  }
  if (!best) {
    fail_data(file, cat("its curves (", track.names.empty() ? "none" : track.names[0],
                        " …) are those of no shipped rig (", join(names, ", "),
                        "); name theirs with --rig"));
  }
  return *best;
}

/// A file's values at the page's frames; one that ends early stays as it is at its end.
Matrix on_page(const PreviewOptions& options, const curves::Rig& rig, const fs::path& file,
               const curves::Track& track, double fps, int64_t frames) {
  const auto own = static_cast<double>(frames - 1) / fps - track.times_s.back();
  if (own > kMayDiffer_s) {
    warn(cat(file.string(), ": ends ", number(own, 3), " s before ",
             options.audio.filename().string(), "; its last frame is held from there on"));
  }
  return curves::resample(curves::on_rig(track, rig, file), fps, frames);
}

void refuse_longer(const PreviewOptions& options, const fs::path& file, const curves::Track& track,
                   double sound_s) {
  if (track.times_s.back() - sound_s <= kMayDiffer_s) return;
  fail_data(options.audio,
            cat("is ", number(sound_s, 4), " s long, but the curves in ", file.string(),
                " go on to ", number(track.times_s.back(), 4), " s; are they of the same take?"));
}

std::vector<PagePhone> phones_of(const PreviewOptions& options, double sound_s) {
  std::vector<PagePhone> out;
  for (const auto& phone :
       data::read_phones(options.phones, options.tier, options.audio, sound_s)) {
    out.push_back({phone.begin_s, phone.end_s, phone.label});
  }
  return out;
}

std::string about(const curves::Track& track) {
  return cat(track.format, ", ", track.values.rows, " rows, ", number(track.fps, 4),
             " frames a second");
}

}  // namespace

Page preview_page(const PreviewOptions& options) {
  const auto track = read(options, options.curves);
  Page page;
  page.rig = options.rig.empty() ? find_rig(track, options.curves) : curves::load_rig(options.rig);
  PageClip clip;
  clip.audio = audio::read(options.audio);
  clip.id = options.audio.filename().string();
  clip.fps = track.fps > 0 ? track.fps : 30;  // a single row has no rate
  const double sound_s = static_cast<double>(clip.audio.size()) / audio::kRate;
  refuse_longer(options, options.curves, track, sound_s);
  const auto frames = std::max<int64_t>(1, static_cast<int64_t>(sound_s * clip.fps + 1e-6));

  const std::string name = options.curves.filename().string();
  page.title = name;
  page.lead = cat(name, " played beside ", clip.id);
  Facts files = {{"audio", cat(clip.id, ", ", number(sound_s, 4), " s")},
                 {"curves", cat(name, " (", about(track), ")")}};
  page.tracks = {"curves"};
  if (!options.target.empty()) {
    const auto target = read(options, options.target);
    refuse_longer(options, options.target, target, sound_s);
    const std::string target_name = options.target.filename().string();
    clip.tracks.push_back(on_page(options, page.rig, options.target, target, clip.fps, frames));
    page.tracks = {"target", "curves"};
    page.lead += cat(", and ", target_name, " as the target");
    files.push_back({"target", cat(target_name, " (", about(target), ")")});
  }
  clip.tracks.push_back(on_page(options, page.rig, options.curves, track, clip.fps, frames));
  if (!options.phones.empty()) {
    clip.phones = phones_of(options, sound_s);
    files.push_back({"phones", cat(options.phones.filename().string(), ", tier ", options.tier)});
  }
  files.push_back({"rig", cat(page.rig.name, ", ", page.rig.size(), " curves")});
  page.facts = {{"Files", files}};
  if (clip.tracks.size() == 2) {
    page.worst = worst_seconds(seconds_of(0, page.rig, clip.tracks[0], clip.tracks[1], clip.fps),
                               kWorstShown);
    page.worst_note = "of this clip";
  }
  page.clips.push_back(std::move(clip));
  return page;
}

}  // namespace kuchi::report
