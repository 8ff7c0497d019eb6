#include "train/variants.h"

#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "train/cut.h"
#include "train/kept_states.h"

namespace kuchi::train {
namespace {

Matrix base_of(const VariantsOf& of, const std::filesystem::path& folder, int64_t clip,
               int64_t index, const std::vector<float>& audio) {
  if (!of.features.is_encoder()) return features::base_frames(of.features, audio);
  return kept_states(folder / cat(clip, "-", index, ".npy"), of.features, [&] { return audio; });
}

std::filesystem::path folder_of(const VariantsOf& of) {
  if (!of.features.is_encoder()) return {};
  return states_folder(of.store_hash, of.features) /
         cat("augment-", augment::signature(of.augment, of.scene), "-seed", of.seed,
             of.lag_frames != 0 ? cat("-lag", of.lag_frames) : "");
}

Variant make_variant(const VariantsOf& of, const std::filesystem::path& folder, const Clips& clips,
                     int64_t clip, int64_t index, double speech_rms) {
  const augment::Key key{of.seed, static_cast<uint64_t>(index), static_cast<uint64_t>(clip) << 32};
  Variant out;
  out.speed = augment::draw_speed(of.augment, key);
  std::vector<double> places;
  const auto last = static_cast<double>(clips.frames(clip) - 1);
  for (int64_t j = 0; static_cast<double>(j) * out.speed <= last; ++j) {
    places.push_back(static_cast<double>(j) * out.speed);
  }
  auto take = cut(clips, clip, places, of.fps, {1e9, 1e9});
  take.speed = out.speed;
  take.speech_rms = speech_rms;
  augment::apply(of.augment, of.scene, key, take);
  out.curves = std::move(take.curves);
  out.base = base_of(of, folder, clip, index, take.audio);
  return out;
}

}  // namespace

std::map<int64_t, std::vector<Variant>> make_variants(const VariantsOf& of, const Clips& clips,
                                                      const std::map<int64_t, double>& speech_rms) {
  const auto folder = folder_of(of);
  const int64_t each = of.augment.variants;
  std::map<int64_t, std::vector<Variant>> out;
  Progress progress("changing clips", static_cast<int64_t>(speech_rms.size()) * each);
  int64_t done = 0;
  for (const auto& [clip, level] : speech_rms) {
    for (int64_t i = 0; i < each; ++i) {
      check_interrupt();
      out[clip].push_back(make_variant(of, folder, clips, clip, i, level));
      progress.at(++done);
    }
  }
  return out;
}

}  // namespace kuchi::train
