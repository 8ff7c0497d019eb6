#include "audio/audio.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "augment/augment.h"
#include "augment/changes.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"

namespace kuchi::augment {
namespace {
namespace fs = std::filesystem;

/// The longest sound that is taken of a file: of a noise, of an impulse response.
constexpr double kLongestNoise_s = 600, kLongestRoom_s = 2;

void need_order(double low, double high, const char* below, const char* above) {
  if (low <= high) return;
  fail_config({"augment"}, cat("augment.", below, " is above augment.", above, " (", number(low),
                               " and ", number(high), "); exchange them"));
}

/// All sound files under a folder, in the order of their names.
std::vector<std::vector<float>> sounds_in(const fs::path& folder, double longest_s,
                                          Hasher& hasher) {
  std::error_code ec;
  if (!fs::is_directory(folder, ec)) fail_data(folder, "is no folder; name one with sound files");
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ec)) {
    const auto ending = lower(entry.path().extension().string());
    const bool sound =
        ending == ".wav" || ending == ".flac" || ending == ".ogg" || ending == ".mp3";
    if (sound && entry.is_regular_file(ec)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) fail_data(folder, "has no sound files (wav, flac, ogg, mp3)");
  std::vector<std::vector<float>> out;
  for (const auto& file : files) {
    auto sound = audio::read(file);
    const auto most = static_cast<size_t>(longest_s * audio::kRate);
    if (sound.size() > most) sound.resize(most);
    const bool silent = std::all_of(sound.begin(), sound.end(), [](float v) { return v == 0; });
    if (silent) fail_data(file, "is silent; take it out of the folder");
    hasher.add(sound.data(), sound.size() * sizeof(float));
    out.push_back(std::move(sound));
  }
  return out;
}

/// The impulse response from its direct sound on, which is its largest value, with energy 1.
std::vector<float> from_direct_sound(const std::vector<float>& sound) {
  const auto louder = [](float a, float b) { return std::abs(a) < std::abs(b); };
  std::vector<float> out(std::max_element(sound.begin(), sound.end(), louder), sound.end());
  double energy = 0;
  for (const float v : out) energy += static_cast<double>(v) * v;
  const auto scale = static_cast<float>(1 / std::sqrt(energy) * (out[0] < 0 ? -1 : 1));
  for (auto& v : out) v *= scale;
  return out;
}

void check(const Options& o) {
  need_order(o.room.shortest_s, o.room.longest_s, "room.shortest_s", "room.longest_s");
  need_order(o.room.wettest_db, o.room.driest_db, "room.wettest_db", "room.driest_db");
  need_order(o.background.loudest_db, o.background.faintest_db, "background.loudest_db",
             "background.faintest_db");
  if (o.background.p > 0 && o.background.files.empty() && o.background.kinds.empty()) {
    fail_config({"augment"}, "augment.background.kinds is empty; name one of white, pink, babble");
  }
}

}  // namespace

Scene make_scene(const Options& o, const curves::Rig& rig) {
  check(o);
  Scene scene;
  bool pairs = false;
  for (int64_t c = 0; c < rig.size(); ++c) {
    const auto& curve = rig.curves[static_cast<size_t>(c)];
    scene.rest.push_back(static_cast<float>(curve.rest));
    scene.mirror.push_back(rig.index(curve.mirror));
    pairs = pairs || scene.mirror.back() != c;
  }
  if (o.mirror.p > 0 && !pairs) {
    fail_config({"augment"}, cat("augment.mirror.p: the rig ", rig.name,
                                 " has no pairs of left and right; set it to 0"));
  }
  Hasher hasher;
  if (o.background.p > 0 && !o.background.files.empty()) {
    scene.noises = sounds_in(o.background.files, kLongestNoise_s, hasher);
  }
  if (o.room.p > 0 && !o.room.files.empty()) {
    for (const auto& sound : sounds_in(o.room.files, kLongestRoom_s, hasher)) {
      scene.rooms.push_back(from_direct_sound(sound));
    }
  }
  scene.files_key = hasher.hex();
  return scene;
}

bool changes_audio(const Options& o) {
  return std::any_of(changes().begin(), changes().end(),
                     [&](const Change& change) { return change.p(o) > 0; });
}

bool draws_any(const Options& o, const Key& key) {
  return std::any_of(changes().begin(), changes().end(), [&](const Change& change) {
    return key.stream(change.name).chance(change.p(o));
  });
}

double context_before_s(const Options& o) {
  const double room = o.room.p > 0 ? (o.room.files.empty() ? o.room.longest_s : kLongestRoom_s) : 0;
  return std::min(room, 0.5) + context_after_s(o);
}

double context_after_s(const Options& o) {
  return 0.06 + (o.shift.p > 0 ? o.shift.most_ms / 1000 : 0);
}

void apply(const Options& o, const Scene& scene, const Key& key, Take& take) {
  for (const auto& change : changes()) {
    auto stream = key.stream(change.name);
    if (stream.chance(change.p(o))) change.apply(o, scene, stream, take);
  }
}

std::string signature(const Options& o, const Scene& scene) {
  Options own = o;
  config::Schema schema;
  for (const auto& change : changes()) change.describe(schema.section(change.name), own);
  own.background.files.clear();  // it is what is in them that counts
  own.room.files.clear();
  Hasher hasher;
  hasher.add(schema.to_yaml());
  hasher.add(scene.files_key);
  return hasher.hex().substr(0, 16);
}

}  // namespace kuchi::augment
